import type { Applied, ChangeList, ChangeText } from '../../../shared/contract/changes.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox, SandboxAction } from '../../../shared/model/sandbox.ts';
import type { ChangeStore, EngineRef } from '../../engines/engine.ts';
import type { SandboxContext } from './context.ts';
import { requireObject } from './require-object.ts';

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
  const find = async (id: string, action?: SandboxAction): Promise<Target> => {
    await engines.ready(registry.get(id).sandbox.engine);
    const entry = registry.get(id);
    const { sandbox } = entry;
    const { engine } = engines.available(sandbox.engine);
    if (!engine.changes || sandbox.spec?.filesystem?.overlay !== true) {
      throw new AppError('unsupported', `"${sandbox.name}" writes to its workspace itself`, {
        hint: 'To review writes first, create a sandbox that keeps them apart.',
      });
    }
    return { sandbox, ref: requireObject(entry, action), store: engine.changes };
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
        const { sandbox, ref, store } = await find(id, 'review');
        const applied = await store.apply(ref, paths, signal).catch((error: unknown) => {
          if (signal.aborted) {
            const message = `Cancelled applying changes to ${sandbox.workspace}: what was written so far stays`;
            events.record('updated', message, { sandbox });
          }
          throw error;
        });
        const failed = applied.failed === 0 ? '' : `; ${applied.failed} could not be applied`;
        events.record('updated', `Applied ${counted(applied.applied)} to ${sandbox.workspace}${failed}`, { sandbox });
        return applied;
      }),
    discard: (id, paths) =>
      lock.run(id, async () => {
        const { sandbox, ref, store } = await find(id, 'review');
        await store.discard(ref, paths);
        events.record('updated', `Threw away ${paths ? counted(paths.length) : 'all changes'}`, { sandbox });
      }),
  };
}

const counted = (count: number) => (count === 1 ? '1 change' : `${count} changes`);
