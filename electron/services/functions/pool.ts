import { AppError } from '../../../shared/model/error.ts';
import type { FunctionInstanceInfo, FunctionSettings } from '../../../shared/model/function.ts';
import type { Log } from '../../lib/log.ts';
import type { Instance } from './instance.ts';
import { type Answer, createJob, type Job, runJob } from './job.ts';
import type { Places, PlaceTaker } from './places.ts';

export interface PoolOptions {
  readonly settings: () => FunctionSettings;
  /** Starts code of one version. */
  readonly open: (version: number, signal: AbortSignal) => Promise<Instance>;
  /** What runs, waits or exists has changed. */
  readonly onChange: () => void;
  readonly places: Places;
  readonly startTimeoutMs?: number;
  readonly log: Log;
}

/** The instances of one function, and who waits for one. */
export interface Pool {
  /** Resolves however it ends. The caller looks at the queue before. */
  readonly submit: (version: number, payload: string, signal: AbortSignal) => Promise<Answer>;
  readonly counts: () => { readonly running: number; readonly queued: number; readonly instances: number };
  readonly queuedBytes: () => number;
  readonly view: () => readonly Omit<FunctionInstanceInfo, 'engine'>[];
  /** Instances are as they were made: what they were made from has changed. Those that are busy end with what they do. */
  readonly renew: () => void;
  /** Settings have changed that hold from now on. */
  readonly adjust: () => void;
  /** Ends everything with `reason`. Nothing may be submitted after it. */
  readonly close: (reason: Error) => Promise<void>;
}

interface Slot {
  readonly version: number;
  readonly startedAt: number;
  state: FunctionInstanceInfo['state'];
  since: number;
  served: number;
  /** How long it took to start. */
  startMs: number;
  /** By the clock of `performance`. */
  readyAt: number;
  /** To be ended as soon as it does nothing. */
  isStale: boolean;
  instance: Instance | null;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Until an instance that does not come up is given up. */
const START_TIMEOUT_MS = 120_000;

export function createPool(options: PoolOptions): Pool {
  const { settings, open, onChange, places, log, startTimeoutMs = START_TIMEOUT_MS } = options;
  const slots = new Set<Slot>();
  const queue: Job[] = [];
  const running = new Set<Job>();
  const closing = new AbortController();
  /** Resolved when it is closing and no instance is left. */
  const empty = Promise.withResolvers<void>();

  const idleOf = (version: number) =>
    [...slots].reverse().find((slot) => slot.state === 'idle' && slot.version === version);
  const starting = (version: number) =>
    [...slots].filter((slot) => slot.state === 'starting' && slot.version === version).length;

  const idlest = () => {
    const idle = [...slots].filter(({ state }) => state === 'idle');
    return idle.length === 0 ? null : idle.reduce((first, next) => (next.since < first.since ? next : first));
  };
  const taker: PlaceTaker = {
    pump: () => pump(),
    isWaiting: () => queue.length > 0,
    idleSince: () => idlest()?.since ?? null,
    endIdle() {
      const slot = idlest();
      if (slot) void end(slot);
    },
  };
  const leave = places.join(taker);

  function remove(slot: Slot): void {
    slots.delete(slot);
    places.giveBack();
    if (closing.signal.aborted && slots.size === 0) empty.resolve();
  }

  function setState(slot: Slot, state: Slot['state']): void {
    slot.state = state;
    slot.since = Date.now();
    clearTimeout(slot.idleTimer);
  }

  /** First come, first served: nobody passes one that waits for a free place. */
  function pump(): void {
    const reserved = new Map<number, number>();
    for (let index = 0; index < queue.length; ) {
      const job = queue[index] as Job;
      const { version } = job;
      const idle = idleOf(version);
      if (idle) {
        queue.splice(index, 1);
        void serve(idle, job);
        continue;
      }
      const taken = reserved.get(version) ?? 0;
      if (starting(version) <= taken) {
        if (slots.size >= settings().maxConcurrency) {
          // One of another version makes place.
          const other = [...slots].find(({ state }) => state === 'idle');
          if (other) void end(other);
          break;
        }
        if (!places.take(taker)) break;
        void start(version);
      }
      reserved.set(version, taken + 1);
      index += 1;
    }
    onChange();
  }

  /** A place has been taken for it. */
  async function start(version: number): Promise<void> {
    const now = Date.now();
    const slot: Slot = {
      version,
      startedAt: now,
      state: 'starting',
      since: now,
      served: 0,
      startMs: 0,
      readyAt: 0,
      isStale: false,
      instance: null,
      idleTimer: undefined,
    };
    slots.add(slot);
    const begun = performance.now();
    const late = AbortSignal.timeout(startTimeoutMs);
    try {
      const instance = await open(version, AbortSignal.any([closing.signal, late]));
      slot.instance = instance;
      slot.readyAt = performance.now();
      slot.startMs = slot.readyAt - begun;
      void instance.ended.then(() => {
        slot.isStale = true;
        if (slot.state === 'idle') void end(slot);
      });
      rest(slot);
    } catch (error) {
      remove(slot);
      // It was started for one that waits; the others try again.
      const index = queue.findIndex((job) => job.version === version);
      const [job] = index < 0 ? [] : queue.splice(index, 1);
      if (job) job.fail(late.aborted && !closing.signal.aborted ? tookTooLong(startTimeoutMs, error) : error);
      else if (!closing.signal.aborted) log.warn({ err: error, version }, 'a spare instance could not be started');
      pump();
    }
  }

  /** What becomes of an instance that has nothing to do. */
  function rest(slot: Slot): void {
    const { idleTimeMs, maxConcurrency } = settings();
    setState(slot, 'idle');
    if (slot.isStale || closing.signal.aborted || slots.size > maxConcurrency) {
      void end(slot);
      return;
    }
    pump();
    if (slot.state !== 'idle') return;
    slot.idleTimer = setTimeout(() => void end(slot), idleTimeMs);
    places.offer();
  }

  async function serve(slot: Slot, job: Job): Promise<void> {
    const { instance } = slot;
    if (!instance) throw new Error('an idle instance is there');
    setState(slot, 'busy');
    running.add(job);
    const { answer, isOver } = await runJob(job, instance, {
      // A spare one that was ready before is warm.
      cold: slot.served === 0 && slot.readyAt >= job.begun,
      startMs: slot.startMs,
      timeoutMs: settings().timeoutMs,
    });
    running.delete(job);
    slot.served += 1;
    if (isOver || instance.isSingleUse || settings().idleTimeMs === 0) slot.isStale = true;
    rest(slot);
    // Only now: whoever asks again at once shall find it idle.
    job.settle(answer);
  }

  async function end(slot: Slot): Promise<void> {
    if (slot.state === 'ending') return;
    setState(slot, 'ending');
    onChange();
    try {
      // Its place is taken until it is gone, but nobody who deletes the function waits for an engine that is away.
      await slot.instance?.close(closing.signal);
    } catch (error) {
      log.warn({ err: error }, 'an instance of a function could not be ended');
    }
    remove(slot);
    pump();
    const { idleTimeMs, maxConcurrency } = settings();
    const isUsedUp = slot.instance?.isSingleUse === true && slot.served > 0;
    // The next one shall not wait for a start either.
    const spare = isUsedUp && idleTimeMs > 0 && queue.length === 0 && !closing.signal.aborted;
    const isThere = idleOf(slot.version) || starting(slot.version) > 0;
    if (spare && !isThere && slots.size < maxConcurrency && places.takeSpare()) void start(slot.version);
  }

  const endIdle = (which: (slot: Slot) => boolean) => {
    for (const slot of slots) if (slot.state === 'idle' && which(slot)) void end(slot);
  };

  return {
    submit(version, payload, signal) {
      const job = createJob(version, payload, signal);
      if (signal.aborted) return job.answer;
      job.onLeave(() => {
        queue.splice(queue.indexOf(job), 1);
        onChange();
      });
      queue.push(job);
      pump();
      return job.answer;
    },
    counts: () => ({ running: running.size, queued: queue.length, instances: slots.size }),
    queuedBytes: () => queue.reduce((sum, { payload }) => sum + payload.length, 0),
    view: () =>
      [...slots].map(({ version, state, since, startedAt, served, instance }) => ({
        version,
        state,
        since,
        startedAt,
        served,
        pid: instance?.pid ?? null,
        sandboxId: instance?.sandboxId ?? null,
      })),
    renew() {
      for (const slot of slots) slot.isStale = true;
      endIdle(() => true);
    },
    adjust() {
      const { maxConcurrency, idleTimeMs } = settings();
      let surplus = slots.size - maxConcurrency;
      endIdle(({ since }) => surplus-- > 0 || Date.now() - since >= idleTimeMs);
      for (const slot of slots) {
        if (slot.state !== 'idle') continue;
        clearTimeout(slot.idleTimer);
        slot.idleTimer = setTimeout(() => void end(slot), slot.since + idleTimeMs - Date.now());
      }
      pump();
    },
    async close(reason) {
      closing.abort(reason);
      for (const job of [...queue, ...running]) job.cancel(reason);
      endIdle(() => true);
      if (slots.size === 0) empty.resolve();
      await empty.promise;
      leave();
    },
  };
}

function tookTooLong(timeoutMs: number, cause: unknown): AppError {
  return new AppError('timeout', `An instance of the function did not start within ${timeoutMs / 1000} s`, {
    hint: 'The computer may be busy, or the code takes long to load.',
    cause,
  });
}
