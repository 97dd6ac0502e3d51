import type { LimitName } from '../../../shared/model/limits.ts';
import type { Instance, InstanceInvocation } from './instance.ts';

export type Ending =
  | { readonly type: 'answered'; readonly invocation: InstanceInvocation }
  | { readonly type: 'limit'; readonly limit: LimitName }
  | { readonly type: 'cancelled'; readonly reason: unknown }
  | { readonly type: 'failed'; readonly error: unknown };

/** How one invocation has ended, and what it waited for. Times in ms. */
export interface Answer {
  readonly ending: Ending;
  readonly cold: boolean;
  readonly queueMs: number;
  readonly startMs: number;
  /** As seen from here. */
  readonly durationMs: number;
}

/** One invocation on its way through the queue. */
export interface Job {
  readonly version: number;
  readonly payload: string;
  readonly begun: number;
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  readonly settle: (answer: Answer) => void;
  /** No instance could be had for it. */
  readonly fail: (error: unknown) => void;
  /** Also while it runs. */
  readonly cancel: (reason: unknown) => void;
  /** Called when it is cancelled before it runs. */
  readonly onLeave: (leave: () => void) => void;
  isRunning: boolean;
}

export function createJob(version: number, payload: string, signal: AbortSignal): Job {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const begun = performance.now();
  let leave: (() => void) | undefined;
  const onAbort = () => job.cancel(signal.reason);
  const settle = (answer: Answer) => {
    signal.removeEventListener('abort', onAbort);
    resolve(answer);
  };
  const endUnserved = (ending: Ending) =>
    settle({ ending, cold: false, queueMs: performance.now() - begun, startMs: 0, durationMs: 0 });
  const job: Job = {
    version,
    payload,
    begun,
    answer: promise,
    controller: new AbortController(),
    settle,
    fail: (error) => endUnserved({ type: 'failed', error }),
    cancel(reason) {
      job.controller.abort(reason);
      if (job.isRunning) return;
      leave?.();
      endUnserved({ type: 'cancelled', reason });
    },
    onLeave(listener) {
      leave = listener;
    },
    isRunning: false,
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return job;
}

/** Runs it in an instance; who calls settles it. Never rejects; `isOver` tells that the instance can answer no more. */
export async function runJob(
  job: Job,
  instance: Instance,
  { cold, startMs, timeoutMs }: { readonly cold: boolean; readonly startMs: number; readonly timeoutMs: number },
): Promise<{ readonly answer: Answer; readonly isOver: boolean }> {
  const { controller } = job;
  job.isRunning = true;
  const called = performance.now();
  const waited = called - job.begun;
  // It may have come when the instance was half started.
  const starting = cold ? Math.min(startMs, waited) : 0;
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    if (controller.signal.aborted) return;
    hasTimedOut = true;
    controller.abort(new Error(`it ran longer than ${timeoutMs} ms`));
  }, timeoutMs);
  const ending = await instance.invoke(job.payload, controller.signal).then(
    (invocation): Ending => ({ type: 'answered', invocation }),
    (error: unknown): Ending => {
      if (hasTimedOut) return { type: 'limit', limit: 'wallTimeMs' };
      if (controller.signal.aborted) return { type: 'cancelled', reason: controller.signal.reason };
      return { type: 'failed', error };
    },
  );
  clearTimeout(timer);
  const durationMs = performance.now() - called;
  return {
    answer: { ending, cold, queueMs: waited - starting, startMs: starting, durationMs },
    isOver: ending.type !== 'answered' || ending.invocation.outcome.type === 'limit',
  };
}
