import { AppError } from '../../../shared/model/error.ts';
import { withoutOwnLabels } from '../../../shared/model/own-labels.ts';
import type { Sandbox, SandboxAction } from '../../../shared/model/sandbox.ts';
import type { Engine, EngineRef, Snapshot, SnapshotStore } from '../../engines/engine.ts';
import type { SandboxContext } from './context.ts';
import type { Create } from './create.ts';
import { observe } from './observe.ts';
import type { Entry } from './registry.ts';
import { requireObject } from './require-object.ts';

/** Saved states of sandboxes; see the contract. What the engine refuses leaves the sandbox as it was. */
export interface Snapshots {
  readonly list: (id: string) => Promise<readonly Snapshot[]>;
  readonly create: (id: string, name: string, signal: AbortSignal) => Promise<Sandbox>;
  readonly restore: (id: string, name: string, signal: AbortSignal) => Promise<Sandbox>;
  readonly clone: (id: string, name: string, newName: string | undefined, signal: AbortSignal) => Promise<Sandbox>;
  readonly remove: (id: string, name: string) => Promise<void>;
}

interface Target {
  readonly sandbox: Sandbox;
  readonly ref: EngineRef;
  readonly store: SnapshotStore;
}

export function createSnapshots(
  context: SandboxContext,
  settle: (id: string) => Promise<void>,
  create: Create,
): Snapshots {
  const { registry, engines, events, lock } = context;

  const target = (entry: Entry, action?: SandboxAction): Target => {
    const { sandbox } = entry;
    if (sandbox.foreign) throw new AppError('denied', `"${sandbox.name}" was not made by Terrarium`);
    const ref = requireObject(entry, action);
    return { sandbox, ref, store: storeOf(sandbox, engines.available(sandbox.engine).engine) };
  };

  const look = async (id: string, action?: SandboxAction): Promise<Target> => {
    await engines.ready(registry.get(id).sandbox.engine);
    return target(registry.get(id), action);
  };

  /** Under the sandbox's lock. However it ends, what the sandbox is then is what the engine says. */
  const change = (id: string, action: SandboxAction, work: (target: Target) => Promise<string>) =>
    lock.run(id, async () => {
      const found = await look(id, action);
      const { spec } = found.sandbox;
      const release = action === 'restore' && spec ? context.quota.reserve(id, spec) : () => undefined;
      try {
        events.record('updated', await work(found), { sandbox: found.sandbox });
      } finally {
        release();
        context.dirty.add(id);
        await settle(id);
      }
      return registry.get(id).sandbox;
    });

  return {
    async list(id) {
      const { store, ref } = await look(id);
      return await store.list(ref);
    },
    create: (id, name, signal) =>
      change(id, 'snapshot', async ({ store, ref }) => {
        await store.create(ref, name, signal);
        return `Saved as the snapshot ${name}`;
      }),
    restore: (id, name, signal) =>
      change(id, 'restore', async ({ store, ref, sandbox }) => {
        const object = await store.restore(ref, name, signal);
        registry.put({ sandbox: observe({ ...sandbox, error: null, state: object.state }, object), ref });
        return `Went back to the snapshot ${name}`;
      }),
    clone: (id, name, newName, signal) =>
      lock.run(id, async () => {
        const { store, ref, sandbox } = await look(id, 'restore');
        if (!sandbox.spec) throw new AppError('denied', `"${sandbox.name}" was not made by Terrarium`);
        // A copy of a function's instance is the user's.
        const labels = withoutOwnLabels(sandbox.spec.labels);
        const { name: _own, ...spec } = { ...sandbox.spec, labels };
        const input = newName === undefined ? spec : { ...spec, name: newName };
        return await create(input, false, { signal, progress: () => undefined }, (_engine, request, task) =>
          store.clone(ref, name, request, task),
        );
      }),
    remove: (id, name) =>
      lock.run(id, async () => {
        const { store, ref, sandbox } = await look(id);
        await store.remove(ref, name);
        events.record('updated', `Removed the snapshot ${name}`, { sandbox });
      }),
  };
}

function storeOf(sandbox: Sandbox, engine: Engine): SnapshotStore {
  if (engine.snapshots) return engine.snapshots;
  throw new AppError('unsupported', `${sandbox.engine} cannot save a running sandbox`, {
    hint: 'Docker can, with gVisor as the sandbox’s runtime.',
  });
}
