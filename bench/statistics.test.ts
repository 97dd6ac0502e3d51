import { expect, test } from 'vitest';
import { rounded, summarize } from './statistics.ts';

test('an odd count has its middle as the median, an even one the mean of its two middles', () => {
  expect(summarize([9, 1, 5])).toMatchObject({ median: 5, min: 1, max: 9 });
  expect(summarize([4, 1, 2, 3]).median).toBe(2.5);
});

test('the 90th percentile lies between the two samples around it', () => {
  expect(summarize([0, 10]).p90).toBeCloseTo(9);
  expect(summarize([7]).p90).toBe(7);
});

test('figures are told to four digits', () => {
  expect(rounded(123.456)).toBe(123.5);
  expect(rounded(0.012345)).toBe(0.01235);
});
