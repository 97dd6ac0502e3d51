import type { FunctionChange } from '../../../shared/contract/functions.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { FunctionSpec, FunctionSummary } from '../../../shared/model/function.ts';
import { runtimeOf } from '../../../shared/model/function-refusal.ts';
import { createPullStream, type PullStream } from '../../lib/pull-stream.ts';
import { createTopic } from '../../lib/topic.ts';
import type { FunctionRow } from '../../store/function-tables.ts';
import type { Store } from '../../store/store.ts';
import type { Pool } from './pool.ts';

export interface FunctionEntry {
  readonly row: FunctionRow;
  /** The current version's. */
  readonly spec: FunctionSpec;
  readonly pool: Pool;
  readonly last: FunctionSummary['last'];
}

/** The one list of functions. A change of a row goes to the store before anybody hears of it. */
export interface FunctionRegistry {
  /** Throws `not_found`. */
  readonly get: (id: string) => FunctionEntry;
  readonly find: (id: string) => FunctionEntry | undefined;
  readonly all: () => readonly FunctionEntry[];
  /** One that is in the store already. */
  readonly load: (entry: FunctionEntry) => void;
  readonly put: (entry: FunctionEntry) => void;
  readonly setLast: (id: string, last: FunctionSummary['last']) => void;
  /** Forgets it, versions and history included. */
  readonly remove: (id: string) => void;
  /** What its pool does has changed. */
  readonly touch: (id: string) => void;
  readonly watch: () => PullStream<FunctionChange>;
  readonly stop: () => void;
}

/** A busy function changes a thousand times a second: nobody can look at that. */
const PAUSE_MS = 100;

export function createFunctionRegistry(store: Store): FunctionRegistry {
  const entries = new Map<string, FunctionEntry>();
  const told = createTopic<ReadonlySet<string>>();
  let untold = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    if (untold.size === 0) return;
    const changed = untold;
    untold = new Set();
    timer = setTimeout(tell, PAUSE_MS);
    told.publish(changed);
  }
  function touch(id: string): void {
    untold.add(id);
    if (timer === undefined) tell();
  }

  return {
    get(id) {
      const entry = entries.get(id);
      if (entry) return entry;
      throw new AppError('not_found', `There is no function ${id}`, { hint: 'It may have been deleted meanwhile.' });
    },
    find: (id) => entries.get(id),
    all: () => [...entries.values()],
    load: (entry) => void entries.set(entry.row.id, entry),
    put(entry) {
      store.functions.put(entry.row);
      entries.set(entry.row.id, entry);
      touch(entry.row.id);
    },
    setLast(id, last) {
      const entry = entries.get(id);
      if (!entry) return;
      entries.set(id, { ...entry, last });
      touch(id);
    },
    remove(id) {
      store.functions.remove(id);
      entries.delete(id);
      touch(id);
    },
    touch,
    watch() {
      let snapshotDue = true;
      const pending = new Set<string>();
      const take = (): FunctionChange | undefined => {
        if (snapshotDue) {
          snapshotDue = false;
          pending.clear();
          return { type: 'snapshot', functions: [...entries.values()].map(summaryOf) };
        }
        const [id] = pending;
        if (id === undefined) return undefined;
        pending.delete(id);
        const entry = entries.get(id);
        return entry ? { type: 'upsert', function: summaryOf(entry) } : { type: 'remove', id };
      };
      const unsubscribe = told.subscribe((ids) => {
        for (const id of ids) pending.add(id);
        stream.wake();
      });
      const stream = createPullStream(take, unsubscribe);
      return stream;
    },
    stop: () => clearTimeout(timer),
  };
}

export function summaryOf({ row, spec, pool, last }: FunctionEntry): FunctionSummary {
  const { id, name, version, settings, createdAt, updatedAt } = row;
  return {
    id,
    name,
    engine: spec.engine,
    runtime: runtimeOf(spec) ?? null,
    codeType: spec.code.type,
    version,
    settings,
    createdAt,
    updatedAt,
    ...pool.counts(),
    last,
  };
}
