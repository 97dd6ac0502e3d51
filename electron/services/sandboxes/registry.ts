import type { SandboxChange } from '../../../shared/contract/sandboxes.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { EngineRef } from '../../engines/engine.ts';
import { createPullStream, type PullStream } from '../../lib/pull-stream.ts';
import { createTopic } from '../../lib/topic.ts';
import type { Store } from '../../store/store.ts';

export interface Entry {
  readonly sandbox: Sandbox;
  /** Null until the engine has made the object, or when it is gone. */
  readonly ref: EngineRef | null;
}

/** The one list of sandboxes. Ours are kept in the store before anybody hears of a change. */
export interface Registry {
  /** Throws `not_found`. */
  readonly get: (id: string) => Entry;
  readonly find: (id: string) => Entry | undefined;
  readonly findByRef: (engine: EngineKind, ref: EngineRef) => Entry | undefined;
  readonly all: () => readonly Entry[];
  readonly put: (entry: Entry) => void;
  readonly remove: (id: string) => void;
  /** A snapshot, then changes; a slow reader gets the newest state of each sandbox, not every step. */
  readonly watch: () => PullStream<SandboxChange>;
  /** Called with the id after each change, for services that follow along. */
  readonly onChange: (listener: (id: string) => void) => () => void;
}

export function createRegistry(store: Store): Registry {
  const entries = new Map<string, Entry>();
  const changed = createTopic<string>();

  for (const row of store.sandboxes.load().rows) entries.set(row.sandbox.id, row);

  return {
    get(id) {
      const entry = entries.get(id);
      if (!entry) {
        throw new AppError('not_found', `There is no sandbox ${id}`, { hint: 'It may have been destroyed meanwhile.' });
      }
      return entry;
    },
    find: (id) => entries.get(id),
    findByRef: (engine, ref) => entries.values().find((entry) => entry.ref === ref && entry.sandbox.engine === engine),
    all: () => [...entries.values()],
    put(entry) {
      if (!entry.sandbox.foreign) store.sandboxes.put(entry);
      entries.set(entry.sandbox.id, entry);
      changed.publish(entry.sandbox.id);
    },
    remove(id) {
      const entry = entries.get(id);
      if (!entry) return;
      if (!entry.sandbox.foreign) store.sandboxes.remove(id);
      store.executions.removeOf(id);
      entries.delete(id);
      changed.publish(id);
    },
    watch() {
      let snapshotDue = true;
      const pending = new Set<string>();
      const take = (): SandboxChange | undefined => {
        if (snapshotDue) {
          snapshotDue = false;
          pending.clear();
          return { type: 'snapshot', sandboxes: [...entries.values()].map((entry) => entry.sandbox) };
        }
        const [id] = pending;
        if (id === undefined) return undefined;
        pending.delete(id);
        const entry = entries.get(id);
        return entry ? { type: 'upsert', sandbox: entry.sandbox } : { type: 'remove', id };
      };
      const unsubscribe = changed.subscribe((id) => {
        pending.add(id);
        stream.wake();
      });
      const stream = createPullStream(take, unsubscribe);
      return stream;
    },
    onChange: (listener) => changed.subscribe(listener),
  };
}
