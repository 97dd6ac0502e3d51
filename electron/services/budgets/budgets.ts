import { isAppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { EngineRef } from '../../engines/engine.ts';
import type { Log } from '../../lib/log.ts';
import { sleep } from '../../lib/sleep.ts';
import type { Engines } from '../engines/engines.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { createCpuClock } from './cpu-time.ts';
import { outgrowsDisk } from './disk.ts';
import { outgrowsOutput } from './output.ts';

export interface Watched {
  readonly sandbox: Sandbox;
  readonly ref: EngineRef;
  /** The limit, in its own unit. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/** Resolves when a sandbox has used more than its limit, or when the signal is aborted. */
export type Exceeds = (watched: Watched) => Promise<void>;

const budgets = ['cpuTimeMs', 'outputBytes', 'diskBytes'] as const;
type Budget = (typeof budgets)[number];

/** For goodbyes. What floods its log would go on with that, and CPU time is used up while it is waited for. */
const GRACE_MS: Readonly<Record<Budget, number>> = { cpuTimeMs: 1000, outputBytes: 0, diskBytes: 2000 };
/** Until an engine that did not answer is asked again. */
const RETRY_MS = 1000;
/** Until what could not be stopped is tried again. */
const STOP_RETRY_MS = 10_000;

interface Guard {
  /** The run and the limit that it is for. */
  readonly key: string;
  readonly end: () => void;
}

/**
 * Holds what running sandboxes may use up: CPU time, output of the main program, disk. (Commands' own output
 * is `executions.ts`.) Returns the function that ends it.
 */
export function enforceBudgets(dependencies: {
  readonly home: string;
  readonly registry: Registry;
  readonly engines: Engines;
  readonly sandboxes: Sandboxes;
  readonly log: Log;
}): () => void {
  const { home, registry, engines, sandboxes, log } = dependencies;
  const guards = new Map<string, Guard>();
  const exceeds: Readonly<Record<Budget, Exceeds>> = {
    cpuTimeMs: createCpuClock(engines, log),
    outputBytes: outgrowsOutput(engines),
    diskBytes: outgrowsDisk(home),
  };

  async function hold(id: string, budget: Budget, watched: Watched): Promise<void> {
    const { signal } = watched;
    let isTold = false;
    while (!signal.aborted) {
      try {
        await exceeds[budget](watched);
      } catch (error) {
        if (signal.aborted) return;
        // An engine that is away comes back, and is told of elsewhere. Everything else may stay: then nothing holds the limit.
        const isNews: boolean = !isTold && !isAppError(error, 'engine_unavailable');
        isTold ||= isNews;
        log[isNews ? 'warn' : 'debug']({ err: error, id, budget }, 'what a sandbox has used could not be told');
        await sleep(RETRY_MS, signal);
        continue;
      }
      if (signal.aborted) return;
      try {
        await sandboxes.stop(id, GRACE_MS[budget], { confirmForeign: false }, { limit: budget });
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, id, budget }, 'a sandbox that has used up what it may could not be stopped');
        await sleep(STOP_RETRY_MS, signal);
      }
    }
  }

  function arm(id: string): void {
    const entry = registry.find(id);
    // While it stops, also by the guard itself, nothing changes: that may fail, and then it is still guarded.
    if (entry?.sandbox.state === 'stopping') return;
    for (const budget of budgets) {
      const name = `${id} ${budget}`;
      const wanted = entry ? runOf(entry.sandbox, entry.ref, budget) : null;
      const guard = guards.get(name);
      if (guard?.key === wanted?.key) continue;
      guard?.end();
      guards.delete(name);
      if (!entry || !wanted) continue;
      const ending = new AbortController();
      guards.set(name, { key: wanted.key, end: () => ending.abort() });
      void hold(id, budget, { sandbox: entry.sandbox, ref: wanted.ref, most: wanted.most, signal: ending.signal });
    }
  }

  const unsubscribe = registry.onChange(arm);
  for (const { sandbox } of registry.all()) arm(sandbox.id);
  return () => {
    unsubscribe();
    for (const { end } of guards.values()) end();
    guards.clear();
  };
}

function runOf({ spec, foreign, state, startedAt }: Sandbox, ref: EngineRef | null, budget: Budget) {
  const most = spec?.limits[budget];
  const isLive = state === 'running' || state === 'paused';
  if (most === undefined || foreign || ref === null || !isLive) return null;
  return { key: `${ref} ${startedAt} ${most}`, ref, most };
}
