import { expect, it } from 'vitest';
import { histogramEnds } from '../../../shared/model/function.ts';
import { barsOf, positionOf } from './histogram.ts';

const histogram = (counts: Readonly<Record<number, number>>) =>
  [...histogramEnds, null].map((toMs) => ({ toMs, count: counts[toMs ?? -1] ?? 0 }));

it('shows the buckets between the first and the last that count, and one on each side', () => {
  const bars = barsOf(histogram({ 1: 3, 5: 1 }));
  expect(bars.map(({ from, to, count }) => [from, to, count])).toEqual([
    [0.2, 0.5, 0],
    [0.5, 1, 3],
    [1, 2, 0],
    [2, 5, 1],
    [5, 10, 0],
  ]);
  expect(barsOf(histogram({}))).toEqual([]);
});

it('has an end for what takes longer than all buckets, and a beginning for what takes nothing', () => {
  expect(barsOf(histogram({ [-1]: 1 })).at(-1)).toEqual({ from: 500_000, to: null, count: 1 });
  expect(barsOf(histogram({ 0.1: 1 }))[0]).toEqual({ from: 0, to: 0.1, count: 1 });
});

it('puts a time where its bucket is', () => {
  const bars = barsOf(histogram({ 1: 3, 5: 1 }));
  expect(positionOf(1, bars)).toBeCloseTo(2 / 5);
  expect(positionOf(5, bars)).toBeCloseTo(4 / 5);
  expect(positionOf(Math.sqrt(2), bars)).toBeCloseTo(2.5 / 5);
  expect(positionOf(0, barsOf(histogram({ 0.1: 1 })))).toBe(0);
});
