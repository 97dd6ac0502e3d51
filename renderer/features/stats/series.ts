import type { Metric, Ring } from '../../lib/ring.ts';

/** Columns as uPlot takes them: seconds first, null for "no value". */
export type Columns = [number[], ...(number | null)[][]];

/** A pause this much longer than the one before it is a gap, not a line. */
const GAP_FACTOR = 4;
/** Shorter pauses are a slow moment, not a gap. */
const LEAST_GAP_MS = 7000;

/** The ring's points since `from` (ms), with an empty point where nothing was measured for long. */
export function toColumns(ring: Ring, metrics: readonly Metric[], from: number): Columns {
  const times: number[] = [];
  const values: (number | null)[][] = metrics.map(() => []);
  let previous = Number.NaN;
  let step = Number.NaN;
  for (let i = 0; i < ring.size(); i++) {
    const at = ring.at('at', i);
    if (at < from) continue;
    const pause = at - previous;
    if (pause > LEAST_GAP_MS && !(pause <= step * GAP_FACTOR)) {
      times.push((previous + 1) / 1000);
      for (const column of values) column.push(null);
    } else step = pause;
    times.push(at / 1000);
    for (const [index, metric] of metrics.entries()) {
      const value = ring.at(metric, i);
      values[index]?.push(Number.isNaN(value) ? null : value);
    }
    previous = at;
  }
  return [times, ...values];
}

/** Whether the engine gave any figure for one of the metrics. */
export function isMeasured(ring: Ring, metrics: readonly Metric[]): boolean {
  for (let i = ring.size() - 1; i >= 0; i--) {
    if (metrics.some((metric) => !Number.isNaN(ring.at(metric, i)))) return true;
  }
  return false;
}
