import { expect, it } from 'vitest';
import type { SamplePoint } from '../../../shared/model/sample.ts';
import { createRing } from '../../lib/ring.ts';
import { isMeasured, toColumns } from './series.ts';

const point = (at: number, cpuCores: number | null): SamplePoint => ({
  at,
  cpuCores,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: null,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
  networkRxBytesPerSecond: null,
  networkTxBytesPerSecond: null,
  fuelPerSecond: null,
  linearMemoryBytes: null,
});

function ringOf(...points: readonly (readonly [at: number, cpu: number | null])[]) {
  const ring = createRing(100);
  for (const [at, cpu] of points) ring.push(point(at, cpu));
  return ring;
}

it('gives seconds, and null for what was not measured', () => {
  expect(toColumns(ringOf([1000, 0.5], [2000, null], [3000, 1]), ['cpuCores'], 0)).toEqual([
    [1, 2, 3],
    [0.5, null, 1],
  ]);
});

it('leaves out what is older than the range', () => {
  expect(toColumns(ringOf([1000, 1], [2000, 2]), ['cpuCores'], 1500)).toEqual([[2], [2]]);
});

it('draws no line over a long pause', () => {
  const [times, cpu] = toColumns(ringOf([0, 1], [1000, 1], [60_000, 1]), ['cpuCores'], 0);
  expect(times).toEqual([0, 1, 1.001, 60]);
  expect(cpu).toEqual([1, 1, null, 1]);
});

it('draws on where points are coarser with age', () => {
  const points = [0, 10_000, 20_000, 30_000, 31_000, 32_000].map((at) => [at, 1] as const);
  const [, cpu] = toColumns(ringOf(...points), ['cpuCores'], 0);
  expect(cpu).toEqual([1, 1, 1, 1, 1, 1]);
});

it('knows whether anything was measured', () => {
  expect(isMeasured(ringOf([1, null], [2, null]), ['cpuCores'])).toBe(false);
  expect(isMeasured(ringOf([1, 0], [2, null]), ['cpuCores', 'memoryBytes'])).toBe(true);
});

it('draws a limit beside what was measured, and takes it for no measurement', () => {
  expect(toColumns(ringOf([1000, 0.5], [2000, 0.7]), ['cpuCores', 2], 0)).toEqual([
    [1, 2],
    [0.5, 0.7],
    [2, 2],
  ]);
  expect(isMeasured(ringOf([1000, null]), ['cpuCores', 2])).toBe(false);
});
