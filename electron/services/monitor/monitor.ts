import type { MonitorItem } from '../../../shared/contract/monitor.ts';
import { isAppError } from '../../../shared/model/error.ts';
import type { Counters, SamplePoint, SandboxPoint } from '../../../shared/model/sample.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { EngineRef } from '../../engines/engine.ts';
import { createAsyncQueue } from '../../lib/async-queue.ts';
import type { Log } from '../../lib/log.ts';
import type { Stream } from '../../lib/pull-stream.ts';
import type { Engines } from '../engines/engines.ts';
import type { Registry } from '../sandboxes/registry.ts';
import { derive } from './rates.ts';
import { createSeries, type Series } from './series.ts';

export interface Monitor {
  readonly watch: (id: string, intervalMs: number, historyMs: number) => Stream<MonitorItem>;
  readonly watchAll: (intervalMs: number) => Stream<readonly SandboxPoint[]>;
  readonly stop: () => void;
}

/** While nobody watches, every sandbox is still looked at this often, so that charts have a past. */
const PULSE_MS = 10_000;
/** History that comes with `watchAll`. */
const LIST_HISTORY_MS = 60_000;
/** Items that may wait for a slow reader; newer ones are dropped until it has caught up. */
const BACKLOG = 100;
/** How much too early a timer may fire. */
const EARLY_MS = 5;

interface Watcher {
  /** One sandbox, or every one (null). */
  readonly id: string | null;
  readonly intervalMs: number;
  readonly deliver: (points: readonly SandboxPoint[]) => void;
  dueAt: number;
}

interface Track {
  readonly series: Series;
  counters: Counters | undefined;
}

/**
 * The next multiple of an interval. Watchers of 1 s and 2 s then share their readings; two readings
 * a few milliseconds apart would make noisy rates.
 */
function nextOnGrid(intervalMs: number): number {
  // The timer may fire a little early; the slot that it fired for must not come again.
  return (Math.floor((Date.now() + EARLY_MS) / intervalMs) + 1) * intervalMs;
}

export function createMonitor(dependencies: {
  readonly registry: Registry;
  readonly engines: Engines;
  readonly log: Log;
}): Monitor {
  const { registry, engines, log } = dependencies;
  const tracks = new Map<string, Track>();
  const watchers = new Set<Watcher>();
  let pulseAt = nextOnGrid(PULSE_MS);
  const busy = new Set<EngineKind>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const unsubscribe = registry.onChange((id) => {
    if (!registry.find(id)) tracks.delete(id);
  });

  function schedule(): void {
    clearTimeout(timer);
    if (stopped) return;
    const next = Math.min(pulseAt, ...watchers.values().map((watcher) => watcher.dueAt));
    timer = setTimeout(() => tick(), Math.max(0, next - Date.now()));
  }

  function tick(): void {
    const now = Date.now() + EARLY_MS;
    const due = [...watchers].filter((watcher) => watcher.dueAt <= now);
    const everything = pulseAt <= now || due.some((watcher) => watcher.id === null);
    if (pulseAt <= now) pulseAt = nextOnGrid(PULSE_MS);
    for (const watcher of due) watcher.dueAt = nextOnGrid(watcher.intervalMs);
    const ids = everything ? null : new Set(due.flatMap((watcher) => watcher.id ?? []));
    for (const [kind, refs] of runningRefs(ids)) {
      // An engine that hangs holds up nobody else's charts.
      if (busy.has(kind)) continue;
      busy.add(kind);
      void measureEngine(kind, refs)
        .then((points) => deliver(due, points))
        .finally(() => busy.delete(kind));
    }
    schedule();
  }

  function deliver(due: readonly Watcher[], points: readonly SandboxPoint[]): void {
    for (const watcher of due) {
      const wanted = watcher.id === null ? points : points.filter((point) => point.sandboxId === watcher.id);
      if (wanted.length > 0) watcher.deliver(wanted);
    }
  }

  /** The objects of the given running sandboxes (null: of all), with the sandbox that each belongs to. */
  function runningRefs(ids: ReadonlySet<string> | null): ReadonlyMap<EngineKind, ReadonlyMap<EngineRef, string>> {
    const byEngine = new Map<EngineKind, Map<EngineRef, string>>();
    for (const { sandbox, ref } of registry.all()) {
      if (ref === null || sandbox.state !== 'running' || (ids && !ids.has(sandbox.id))) continue;
      const refs = byEngine.get(sandbox.engine) ?? new Map<EngineRef, string>();
      byEngine.set(sandbox.engine, refs.set(ref, sandbox.id));
    }
    return byEngine;
  }

  async function measureEngine(kind: EngineKind, refs: ReadonlyMap<EngineRef, string>): Promise<SandboxPoint[]> {
    try {
      const counters = await engines.available(kind).engine.sample([...refs.keys()]);
      return [...counters].flatMap(([ref, reading]) => {
        const sandboxId = refs.get(ref);
        const point = sandboxId === undefined ? null : add(sandboxId, reading);
        return sandboxId === undefined || point === null ? [] : [{ sandboxId, point }];
      });
    } catch (error) {
      if (!isAppError(error, 'engine_unavailable')) log.warn({ err: error, engine: kind }, 'could not read counters');
      return [];
    }
  }

  function track(id: string): Track {
    const found = tracks.get(id);
    if (found) return found;
    const made: Track = { series: createSeries(), counters: undefined };
    tracks.set(id, made);
    return made;
  }

  /**
   * Null for a reading that was there before: some engines make one a second, however often they are asked. And for one that
   * came when its sandbox was gone, whose series nobody would take away.
   */
  function add(id: string, counters: Counters): SamplePoint | null {
    if (!registry.find(id)) return null;
    const { series, counters: before } = track(id);
    if (before?.at === counters.at) return null;
    const point = derive(before, counters);
    series.add(point);
    track(id).counters = counters;
    return point;
  }

  function join(watcher: Omit<Watcher, 'dueAt'>): () => void {
    const joined: Watcher = { ...watcher, dueAt: nextOnGrid(watcher.intervalMs) };
    watchers.add(joined);
    schedule();
    return () => {
      watchers.delete(joined);
    };
  }

  schedule();

  return {
    watch(id, intervalMs, historyMs) {
      registry.get(id);
      const leave = join({
        id,
        intervalMs,
        deliver([first]) {
          if (first && queue.size() < BACKLOG) queue.push({ type: 'point', point: first.point });
        },
      });
      const queue = createAsyncQueue<MonitorItem>(leave);
      queue.push({ type: 'history', points: [...(tracks.get(id)?.series.since(Date.now() - historyMs) ?? [])] });
      return queue;
    },
    watchAll(intervalMs) {
      const leave = join({
        id: null,
        intervalMs,
        deliver(points) {
          if (queue.size() < BACKLOG) queue.push(points);
        },
      });
      const queue = createAsyncQueue<readonly SandboxPoint[]>(leave);
      const since = Date.now() - LIST_HISTORY_MS;
      queue.push(
        [...tracks].flatMap(([sandboxId, { series }]) => series.since(since).map((point) => ({ sandboxId, point }))),
      );
      return queue;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
