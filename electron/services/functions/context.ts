import type { FunctionSpec } from '../../../shared/model/function.ts';
import type { KeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import type { Semaphore } from '../../lib/semaphore.ts';
import type { FunctionRow } from '../../store/function-tables.ts';
import type { Store } from '../../store/store.ts';
import type { Engines } from '../engines/engines.ts';
import type { FunctionEntry, FunctionRegistry } from './function-registry.ts';
import type { ModuleFiles } from './modules.ts';
import type { OpenInstance } from './opener.ts';

/** What the parts of the functions service share. */
export interface FunctionContext {
  readonly store: Store;
  readonly registry: FunctionRegistry;
  readonly engines: Engines;
  readonly modules: ModuleFiles;
  readonly open: OpenInstance;
  /** One change at a time of one function. */
  readonly lock: KeyedLock;
  /** An entry with a pool of its own. */
  readonly entryOf: (row: FunctionRow, spec: FunctionSpec) => FunctionEntry;
  /** Code that is being loaded to see whether it can be: waited for when the host ends. */
  readonly loading: Set<Promise<unknown>>;
  /** Bounds how much is loaded at once. */
  readonly checks: Semaphore;
  /** Aborted when the host ends. */
  readonly ending: AbortSignal;
  readonly log: Log;
}
