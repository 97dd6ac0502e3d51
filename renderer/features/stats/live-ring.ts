import { createRing, type Ring } from '../../lib/ring.ts';
import type { Page } from '../../stores/page.ts';

/** An hour at 10 Hz. */
const MOST_POINTS = 36_000;

export interface LiveRing {
  readonly ring: Ring;
  /** Called after each change. Returns how to stop. */
  readonly onChange: (listener: () => void) => () => void;
  readonly stop: () => void;
}

/** An hour of one sandbox: its history first, then points as they come. */
export function startLiveRing({ connection, toasts }: Page, id: string, intervalMs: number): LiveRing {
  const ring = createRing(MOST_POINTS);
  const listeners = new Set<() => void>();
  const ending = new AbortController();
  connection
    .subscribe({
      open: (client, signal) => client.monitor.watch({ id, intervalMs }, { signal }),
      onItem: (item) => {
        if (item.type === 'history') {
          ring.clear();
          for (const point of item.points) ring.push(point);
        } else ring.push(item.point);
        for (const listener of listeners) listener();
      },
      signal: ending.signal,
      endless: true,
    })
    .catch(toasts.error);
  return {
    ring,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => ending.abort(),
  };
}
