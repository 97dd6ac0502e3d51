import type { SandboxPoint } from '../../shared/model/sample.ts';
import type { Connection } from '../app/connection/connection.ts';
import { createRing, type Ring } from '../lib/ring.ts';

/** Points of the list's sparklines: two minutes at the list's pulse. */
const LIST_POINTS = 60;
const LIST_INTERVAL_MS = 2000;

/** Live samples of all running sandboxes, outside of React: typed arrays and a tick. */
export interface Samples {
  readonly ring: (id: string) => Ring | undefined;
  /** Called after each batch. Returns how to stop. */
  readonly onTick: (listener: () => void) => () => void;
  /** Rises with each batch. */
  readonly version: () => number;
  readonly drop: (id: string) => void;
  readonly ids: () => Iterable<string>;
  readonly run: (connection: Connection, signal: AbortSignal) => Promise<void>;
}

export function createSamples(): Samples {
  const rings = new Map<string, Ring>();
  const listeners = new Set<() => void>();
  let version = 0;

  function add(points: readonly SandboxPoint[]): void {
    for (const { sandboxId, point } of points) {
      let ring = rings.get(sandboxId);
      if (!ring) {
        ring = createRing(LIST_POINTS);
        rings.set(sandboxId, ring);
      }
      // After a reconnect the history comes again.
      if (ring.size() === 0 || point.at > ring.last('at')) ring.push(point);
    }
    version++;
    for (const listener of listeners) listener();
  }

  return {
    ring: (id) => rings.get(id),
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => version,
    drop: (id) => rings.delete(id),
    ids: () => [...rings.keys()],
    run: (connection, signal) =>
      connection.subscribe({
        open: (client, streamSignal) =>
          client.monitor.watchAll({ intervalMs: LIST_INTERVAL_MS }, { signal: streamSignal }),
        onItem: add,
        signal,
        endless: true,
      }),
  };
}
