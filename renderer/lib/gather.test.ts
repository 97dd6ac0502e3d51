import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gather } from './gather.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what comes together is handed on together, in order, and nothing twice', () => {
  const take = vi.fn();
  const push = gather<number>(take);
  push(1);
  push(2);
  expect(take).not.toHaveBeenCalled();
  vi.runAllTimers();
  push(3);
  vi.runAllTimers();
  expect(take.mock.calls).toEqual([[[1, 2]], [[3]]]);
});
