import { type FunctionStatistics, histogramEnds, invocationOutcomes } from '../../../shared/model/function.ts';
import type { InvocationFigures } from '../../store/function-tables.ts';

/** Figures of a period; see the model for what is counted where. */
export function statisticsOf(figures: readonly InvocationFigures[], from: number, to: number): FunctionStatistics {
  const outcomes = Object.fromEntries(invocationOutcomes.map((name) => [name, 0])) as FunctionStatistics['outcomes'];
  for (const { outcome } of figures) outcomes[outcome] += 1;
  // What was cut short by others says nothing of how long it takes.
  const timed = figures.filter(({ outcome }) => outcome !== 'cancelled' && outcome !== 'failed');
  const durations = timed.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const totals = timed.map(({ totalMs }) => totalMs).sort((a, b) => a - b);
  return {
    from,
    to,
    count: figures.length,
    outcomes,
    errors: outcomes.threw + outcomes.limit + outcomes.failed,
    cold: figures.filter(({ cold }) => cold).length,
    duration: percentiles(durations),
    total: percentiles(totals),
    histogram: histogramOf(durations),
  };
}

/** By the nearest rank: the smallest value that at least this part of all does not exceed. */
function percentiles(sorted: readonly number[]): FunctionStatistics['duration'] {
  if (sorted.length === 0) return null;
  const at = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function histogramOf(sorted: readonly number[]): FunctionStatistics['histogram'] {
  const ends: readonly (number | null)[] = [...histogramEnds, null];
  const counts = ends.map(() => 0);
  for (const value of sorted) {
    const found = histogramEnds.findIndex((end) => value <= end);
    const index = found < 0 ? ends.length - 1 : found;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return ends.map((toMs, index) => ({ toMs, count: counts[index] ?? 0 }));
}
