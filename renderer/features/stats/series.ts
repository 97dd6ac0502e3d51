import type { Metric, Ring } from '../../lib/ring.ts';

/** Columns as uPlot takes them: seconds first, null for "no value". */
export type Columns = [number[], ...(number | null)[][]];

/** A pause this much longer than those beside it is a gap, not a line. Old points stand further apart. */
const GAP_FACTOR = 4;
/** Shorter pauses are a slow moment, not a gap. */
const LEAST_GAP_MS = 7000;

/** The ring's points since `from` (ms), a column a line, with an empty point where nothing was measured for long. */
export function toColumns(ring: Ring, lines: readonly (Metric | number)[], from: number): Columns {
  const times: number[] = [];
  const values: (number | null)[][] = lines.map(() => []);
  const size = ring.size();
  const pauseBefore = (index: number) =>
    index > 0 && index < size ? ring.at('at', index) - ring.at('at', index - 1) : 0;
  for (let i = 0; i < size; i++) {
    const at = ring.at('at', i);
    if (at < from) continue;
    const pause = pauseBefore(i);
    const usual = Math.max(pauseBefore(i - 1), pauseBefore(i + 1));
    if (times.length > 0 && usual > 0 && pause > Math.max(LEAST_GAP_MS, usual * GAP_FACTOR)) {
      times.push((ring.at('at', i - 1) + 1) / 1000);
      for (const column of values) column.push(null);
    }
    times.push(at / 1000);
    for (const [index, line] of lines.entries()) {
      const value = typeof line === 'number' ? line : ring.at(line, i);
      values[index]?.push(Number.isNaN(value) ? null : value);
    }
  }
  return [times, ...values];
}

/** Whether the engine gave any figure for one of the metrics. */
export function isMeasured(ring: Ring, lines: readonly (Metric | number)[]): boolean {
  const metrics = lines.filter((line) => typeof line !== 'number');
  for (let i = ring.size() - 1; i >= 0; i--) {
    if (metrics.some((metric) => !Number.isNaN(ring.at(metric, i)))) return true;
  }
  return false;
}
