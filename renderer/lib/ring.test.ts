import { expect, it } from 'vitest';
import type { SamplePoint } from '../../shared/model/sample.ts';
import { createRing } from './ring.ts';

const point = (at: number, cpuCores: number | null = at): SamplePoint => ({
  at,
  cpuCores,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: 1,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
  networkRxBytesPerSecond: null,
  networkTxBytesPerSecond: null,
  fuelPerSecond: null,
  linearMemoryBytes: null,
});

const times = (ring: ReturnType<typeof createRing>) => Array.from({ length: ring.size() }, (_, i) => ring.at('at', i));

it('keeps the newest points in their order', () => {
  const ring = createRing(3);
  for (let at = 1; at <= 5; at++) ring.push(point(at));
  expect(times(ring)).toEqual([3, 4, 5]);
  expect(ring.last('cpuCores')).toBe(5);
});

it('grows to its capacity and keeps what it had', () => {
  const ring = createRing(1000);
  for (let at = 0; at < 1500; at++) ring.push(point(at));
  expect(ring.size()).toBe(1000);
  expect(times(ring)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 500));
});

it('tells what was not measured apart from zero', () => {
  const ring = createRing(4);
  ring.push(point(1, null));
  ring.push(point(2, 0));
  expect(ring.at('cpuCores', 0)).toBeNaN();
  expect(ring.at('cpuCores', 1)).toBe(0);
  expect(createRing(4).last('cpuCores')).toBeNaN();
});

it('is empty after clear', () => {
  const ring = createRing(2);
  for (let at = 0; at < 3; at++) ring.push(point(at));
  ring.clear();
  expect(ring.size()).toBe(0);
  ring.push(point(9));
  expect(times(ring)).toEqual([9]);
});
