import { expect, test } from 'vitest';
import type { SamplePoint } from '../../../shared/model/sample.ts';
import { createSeries } from './series.ts';

const point = (at: number, cpuCores: number | null = 1): SamplePoint => ({
  at,
  cpuCores,
  memoryBytes: 1,
  memoryLimitBytes: null,
  pids: 1,
  diskReadBytesPerSecond: 0,
  diskWriteBytesPerSecond: 0,
  networkRxBytesPerSecond: null,
  networkTxBytesPerSecond: null,
  fuelPerSecond: null,
  linearMemoryBytes: null,
});

test('points come back as they went in, nulls included', () => {
  const series = createSeries();
  series.add(point(1000, null));
  series.add(point(2000, 0.25));
  expect(series.since(0)).toEqual([point(1000, null), point(2000, 0.25)]);
  expect(series.since(1000)).toEqual([point(2000, 0.25)]);
});

test('an hour at 1 Hz is fine for ten minutes and one point in ten seconds before, in order', () => {
  const series = createSeries();
  const hour = 3_600_000;
  for (let at = 1000; at <= hour; at += 1000) series.add(point(at));
  const times = series.since(0).map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.filter((at) => at > hour - 600_000)).toHaveLength(600);
  expect(times.filter((at) => at <= hour - 600_000)).toHaveLength(300);
});
