import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it('doubles from a quarter of a second to five seconds', () => {
  const waits = [0, 1, 2, 3, 4, 5, 20, 2000].map((attempt) => backoffMs(attempt, () => 0));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

it('takes up to a quarter off', () => {
  expect(backoffMs(20, () => 1)).toBe(3750);
});
