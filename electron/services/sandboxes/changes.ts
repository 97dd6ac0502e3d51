import type { Applied, ChangeList, ChangeText } from '../../../shared/contract/changes.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { ChangeStore, EngineRef } from '../../engines/engine.ts';
import type { SandboxContext } from './context.ts';

/** Writes that are kept apart from sandboxes' workspaces; see the contract. */
export interface Changes {
  readonly list: (id: string) => Promise<ChangeList>;
  readonly read: (id: string, path: string) => Promise<ChangeText>;
  readonly apply: (id: string, paths: readonly string[] | undefined, signal: AbortSignal) => Promise<Applied>;
  readonly discard: (id: string, paths: readonly string[] | undefined) => Promise<void>;
}

interface Target {
  readonly sandbox: Sandbox;
  readonly ref: EngineRef;
  readonly store: ChangeStore;
}

export function createChanges({ registry, engines, events, lock }: SandboxContext): Changes {
  const find = async (id: string): Promise<Target> => {
    await engines.ready(registry.get(id).sandbox.engine);
    const { sandbox, ref } = registry.get(id);
    const { engine } = engines.available(sandbox.engine);
    if (!engine.changes || sandbox.spec?.filesystem?.overlay !== true) {
      throw new AppError('unsupported', `"${sandbox.name}" writes to its workspace itself`, {
        hint: 'To review writes first, create a sandbox that keeps them apart.',
      });
    }
    if (ref === null) {
      throw new AppError('conflict', `"${sandbox.name}" has no object in the engine`, { hint: 'Rebuild it first.' });
    }
    return { sandbox, ref, store: engine.changes };
  };

  const findStopped = async (id: string): Promise<Target> => {
    const found = await find(id);
    const { name, state } = found.sandbox;
    if (state === 'running' || state === 'paused') {
      throw new AppError('conflict', `"${name}" is ${state}: what it writes could change meanwhile`, {
        hint: 'Stop it first.',
      });
    }
    return found;
  };

  return {
    async list(id) {
      const { store, ref } = await find(id);
      return store.list(ref);
    },
    async read(id, path) {
      const { store, ref } = await find(id);
      return store.read(ref, path);
    },
    apply: (id, paths, signal) =>
      lock.run(id, async () => {
        const { sandbox, ref, store } = await findStopped(id);
        const applied = await store.apply(ref, paths, signal);
        const failed = applied.failed === 0 ? '' : `; ${applied.failed} could not be applied`;
        events.record('updated', `Applied ${counted(applied.applied)} to ${sandbox.workspace}${failed}`, { sandbox });
        return applied;
      }),
    discard: (id, paths) =>
      lock.run(id, async () => {
        const { sandbox, ref, store } = await findStopped(id);
        await store.discard(ref, paths);
        events.record('updated', `Threw away ${paths ? counted(paths.length) : 'all changes'}`, { sandbox });
      }),
  };
}

const counted = (count: number) => (count === 1 ? '1 change' : `${count} changes`);
