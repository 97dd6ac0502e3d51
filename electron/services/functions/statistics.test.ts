import { expect, it } from 'vitest';
import { histogramEnds, type InvocationOutcome } from '../../../shared/model/function.ts';
import { statisticsOf } from './statistics.ts';

const figure = (durationMs: number, outcome: InvocationOutcome = 'returned') => ({
  outcome,
  cold: durationMs > 100,
  durationMs,
  totalMs: durationMs * 2,
});

it('counts outcomes, and takes percentiles by the nearest rank', () => {
  const figures = Array.from({ length: 100 }, (_, index) => figure(index + 1));
  expect(statisticsOf(figures, 5, 10)).toMatchObject({
    from: 5,
    to: 10,
    count: 100,
    errors: 0,
    duration: { p50: 50, p90: 90, p99: 99 },
    total: { p50: 100, p90: 180, p99: 198 },
  });
  expect(statisticsOf([figure(7)], 0, 1).duration).toEqual({ p50: 7, p90: 7, p99: 7 });
  expect(statisticsOf([], 0, 1)).toMatchObject({ count: 0, duration: null, total: null });
});

it('leaves out the times of what was cut short by others', () => {
  const figures = [figure(1), figure(1000, 'cancelled'), figure(0, 'failed'), figure(3, 'threw'), figure(500, 'limit')];
  const statistics = statisticsOf(figures, 0, 1);
  expect(statistics).toMatchObject({ count: 5, errors: 3, cold: 2, duration: { p50: 3, p99: 500 } });
  expect(statistics.outcomes).toEqual({ returned: 1, threw: 1, limit: 1, cancelled: 1, failed: 1 });
});

it('puts each time into the bucket whose end it does not exceed', () => {
  const { histogram } = statisticsOf([figure(0), figure(0.1), figure(0.11), figure(5), figure(600_000)], 0, 1);
  expect(histogram).toHaveLength(histogramEnds.length + 1);
  const filled = histogram.filter(({ count }) => count > 0);
  expect(filled).toEqual([
    { toMs: 0.1, count: 2 },
    { toMs: 0.2, count: 1 },
    { toMs: 5, count: 1 },
    { toMs: null, count: 1 },
  ]);
});
