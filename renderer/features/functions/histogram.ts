import type { FunctionStatistics } from '../../../shared/model/function.ts';

export interface Bar {
  /** The bucket's ends in ms; `to` is null where it is open. */
  readonly from: number;
  readonly to: number | null;
  readonly count: number;
}

/** The buckets from the first to the last in which something is, and one more on each side. */
export function barsOf(histogram: FunctionStatistics['histogram']): readonly Bar[] {
  const bars = histogram.map(({ toMs, count }, index) => ({
    from: histogram[index - 1]?.toMs ?? 0,
    to: toMs,
    count,
  }));
  const first = bars.findIndex(({ count }) => count > 0);
  const last = bars.findLastIndex(({ count }) => count > 0);
  return first === -1 ? [] : bars.slice(Math.max(0, first - 1), last + 2);
}

/** Where a time lies among the bars: 0 is the first one's left end, 1 the last one's right end. Within a bar, the scale is logarithmic. */
export function positionOf(ms: number, bars: readonly Bar[]): number {
  const index = bars.findIndex(({ to }) => to === null || ms <= to);
  const bar = bars[index];
  if (!bar) return 1;
  const low = bar.from > 0 ? bar.from : (bar.to ?? 1) / 2;
  const high = bar.to ?? bar.from * 2;
  const within = (Math.log(Math.max(ms, low)) - Math.log(low)) / (Math.log(high) - Math.log(low));
  return (index + Math.min(1, Math.max(0, within))) / bars.length;
}
