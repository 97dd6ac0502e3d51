import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAcknowledger } from './acknowledger.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells at once when much was drawn', () => {
  const send = vi.fn();
  const acknowledger = createAcknowledger(send);
  acknowledger.drawn(40_000);
  expect(send).not.toHaveBeenCalled();
  acknowledger.drawn(40_000);
  expect(send).toHaveBeenCalledExactlyOnceWith(80_000);
});

it('tells the rest when it is quiet, each character once', () => {
  const send = vi.fn();
  const acknowledger = createAcknowledger(send);
  acknowledger.drawn(1);
  acknowledger.drawn(2);
  vi.advanceTimersByTime(100);
  expect(send).toHaveBeenCalledExactlyOnceWith(3);
  vi.advanceTimersByTime(1000);
  expect(send).toHaveBeenCalledOnce();
});

it('is silent after dispose', () => {
  const send = vi.fn();
  const acknowledger = createAcknowledger(send);
  acknowledger.drawn(5);
  acknowledger.dispose();
  vi.advanceTimersByTime(1000);
  expect(send).not.toHaveBeenCalled();
});
