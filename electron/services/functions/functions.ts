import { availableParallelism } from 'node:os';
import type { FunctionProblem, ServerlessFunction } from '../../../shared/contract/functions.ts';
import { AppError } from '../../../shared/model/error.ts';
import type {
  FunctionInstanceInfo,
  FunctionSpec,
  FunctionStatistics,
  FunctionSummary,
  Invocation,
  InvocationAnswer,
  InvocationDetail,
} from '../../../shared/model/function.ts';
import { newId } from '../../lib/id.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { FunctionRow, InvocationFilter } from '../../store/function-tables.ts';
import type { Store } from '../../store/store.ts';
import type { Engines } from '../engines/engines.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { problemsOf } from './check-code.ts';
import type { FunctionContext } from './context.ts';
import { createEditing, describe, type Editing } from './editing.ts';
import { createFunctionRegistry, type FunctionEntry, type FunctionRegistry, summaryOf } from './function-registry.ts';
import { tellInvocation } from './history.ts';
import { createModuleFiles } from './modules.ts';
import { createOpener } from './opener.ts';
import { createPlaces, defaultPlaces } from './places.ts';
import { createPool } from './pool.ts';
import { statisticsOf } from './statistics.ts';
import { sweepInstances } from './sweep.ts';

/** Functions, their versions, instances and history; see the contract. */
export interface Functions extends Editing {
  readonly list: () => FunctionSummary[];
  readonly watch: FunctionRegistry['watch'];
  readonly get: (id: string) => ServerlessFunction;
  readonly check: (spec: FunctionSpec, signal: AbortSignal) => Promise<FunctionProblem[]>;
  readonly invoke: (
    input: { readonly id: string; readonly payload: string; readonly version?: number | undefined },
    signal: AbortSignal,
  ) => Promise<InvocationAnswer>;
  readonly statistics: (id: string, periodMs: number, version: number | undefined) => FunctionStatistics;
  readonly instances: (id: string) => FunctionInstanceInfo[];
  readonly invocations: (
    id: string,
    before: string | undefined,
    limit: number,
    only?: InvocationFilter,
  ) => Invocation[];
  readonly invocation: (id: string) => InvocationDetail;
  /** Ends all instances, and what they do. */
  readonly closeAll: () => Promise<void>;
}

/** Characters of payloads that may wait, of one function. */
const QUEUED_MAX = 32 * 1024 * 1024;

export function createFunctions(dependencies: {
  /** The state folder. */
  readonly home: string;
  readonly store: Store;
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly engines: Engines;
  readonly log: Log;
}): Functions {
  const { home, store, sandboxes, engines, log } = dependencies;
  const run = newId('run');
  const ending = new AbortController();
  const registry = createFunctionRegistry(store);
  const modules = createModuleFiles(home);
  const loading = new Set<Promise<unknown>>();
  const places = createPlaces(defaultPlaces);
  const open = createOpener({ sandboxes, registry: dependencies.registry, engines, run, ending: ending.signal, log });

  async function openVersion(id: string, version: number, signal: AbortSignal) {
    const { row } = registry.get(id);
    const found = store.functions.version(id, version);
    if (!found) throw new AppError('not_found', `"${row.name}" has no version ${version}`);
    const { spec } = found;
    await engines.ready(spec.engine);
    const { name, settings } = row;
    const modulePath = modules.path(id, version);
    return open({ functionId: id, name, spec, keepState: settings.keepState, modulePath }, signal);
  }

  const entryOf = (row: FunctionRow, spec: FunctionSpec): FunctionEntry => {
    const { id } = row;
    const [newest] = store.functions.listInvocations(id, undefined, 1);
    const pool = createPool({
      settings: () => registry.find(id)?.row.settings ?? row.settings,
      open: (version, signal) => openVersion(id, version, signal),
      onChange: () => registry.touch(id),
      places,
      log,
    });
    return { row, spec, pool, last: newest ? { at: newest.at, outcome: newest.outcome.type } : null };
  };

  for (const row of store.functions.load()) {
    const current = store.functions.version(row.id, row.version);
    if (current) registry.load(entryOf(row, current.spec));
    else log.warn({ id: row.id }, 'a function has no current version that can be read; it is left out');
  }
  const stopSweep = sweepInstances({ sandboxes, registry: dependencies.registry, run, log });
  store.functions.removeOrphans();
  modules
    .sweep(new Set(store.functions.ids()))
    .catch((error: unknown) => log.warn({ err: error }, 'copies of modules could not be removed'));

  const context: FunctionContext = {
    ...{ store, registry, engines, modules, open, entryOf, log },
    lock: createKeyedLock(),
    loading,
    checks: createSemaphore(Math.max(2, availableParallelism())),
    ending: ending.signal,
  };
  const editing = createEditing(context);

  /** Throws `limit_exceeded` when no more may wait. */
  function requirePlace({ row, pool }: FunctionEntry, payload: string): void {
    const { maxConcurrency, maxQueue } = row.settings;
    const { running, queued } = pool.counts();
    const isFull = running + queued >= maxConcurrency + maxQueue;
    if (!isFull && pool.queuedBytes() + payload.length <= QUEUED_MAX) return;
    const why = isFull
      ? `"${row.name}" is busy: ${running} of ${maxConcurrency} at once run, and ${queued} wait (at most ${maxQueue} may)`
      : `"${row.name}" is busy: the payloads that wait have more than 32 Mi characters`;
    throw new AppError('limit_exceeded', why, {
      hint: 'Try again later, or raise the concurrency or the queue in its settings.',
      details: { running, queued, maxConcurrency, maxQueue },
    });
  }

  return {
    ...editing,
    list: () => registry.all().map(summaryOf),
    watch: registry.watch,
    get: (id) => describe(registry.get(id)),
    check: (spec, signal) => problemsOf(context, spec, signal),
    async invoke({ id, payload, version: asked }, signal) {
      ending.signal.throwIfAborted();
      const entry = registry.get(id);
      const version = asked ?? entry.row.version;
      if (asked !== undefined && asked !== entry.row.version) editing.version(id, asked);
      requirePlace(entry, payload);
      const at = Date.now();
      const answer = await entry.pool.submit(version, payload, signal);
      const { keepPayloads } = registry.find(id)?.row.settings ?? entry.row.settings;
      const { told, kept } = tellInvocation({ functionId: id, version, at, payload, answer }, keepPayloads, log);
      // A deleted function has taken its history with it.
      if (registry.find(id)) {
        store.functions.addInvocation(kept);
        registry.setLast(id, { at, outcome: kept.outcome.type });
      }
      return told;
    },
    statistics(id, periodMs, version) {
      registry.get(id);
      const to = Date.now();
      const since = to - periodMs;
      const { from, isTrimmed, figures } = store.functions.figures(id, since, version);
      return statisticsOf(figures, isTrimmed && from !== null ? Math.max(since, from) : since, to);
    },
    instances(id) {
      const { pool, spec } = registry.get(id);
      const engineOf = (version: number) => store.functions.version(id, version)?.spec.engine ?? spec.engine;
      return pool.view().map((instance) => ({ ...instance, engine: engineOf(instance.version) }));
    },
    invocations(id, before, limit, only) {
      registry.get(id);
      return [...store.functions.listInvocations(id, before, limit, only)];
    },
    invocation(id) {
      const found = store.functions.getInvocation(id);
      if (found) return found;
      throw new AppError('not_found', `There is no invocation ${id}`, { hint: 'It may be kept no more.' });
    },
    async closeAll() {
      const reason = new AppError('cancelled', 'Terrarium ended');
      ending.abort(reason);
      stopSweep();
      await Promise.all(registry.all().map(({ pool }) => pool.close(reason)));
      await Promise.allSettled(loading);
      registry.stop();
    },
  };
}
