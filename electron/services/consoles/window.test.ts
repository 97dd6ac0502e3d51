import { expect, test } from 'vitest';
import { createWindow } from './window.ts';

const KIB = 1024;
const MOST = 512 * KIB;

/** A reader that draws `rate` characters a millisecond and acknowledges 32 KiB at a time, for one second. */
function drawFor(rate: number) {
  let clock = 0;
  const window = createWindow(MOST, () => clock);
  let outstanding = 0;
  let largest = 0;
  while (clock < 1000) {
    while (!window.isFull()) {
      window.sent(4 * KIB);
      outstanding += 4 * KIB;
    }
    // The first few acknowledgements find out how fast it is.
    if (clock > 500) largest = Math.max(largest, outstanding);
    clock += (32 * KIB) / rate;
    window.drawn(32 * KIB);
    outstanding -= 32 * KIB;
  }
  return largest;
}

test('a reader of unknown speed may have the most', () => {
  const window = createWindow(MOST);
  window.sent(MOST);
  expect(window.isFull()).toBe(false);
  window.sent(1);
  expect(window.isFull()).toBe(true);
});

test('a fast reader has the most, so that it never runs dry', () => {
  expect(drawFor(20 * KIB)).toBeGreaterThanOrEqual(MOST);
});

test('a slow reader has no more than it draws in a tenth of a second', () => {
  const charactersPerMs = 2 * KIB;
  const most = drawFor(charactersPerMs);
  expect(most).toBeGreaterThan(100 * charactersPerMs);
  expect(most).toBeLessThan(120 * charactersPerMs);
});

test('the slowest reader still has some in hand while its acknowledgement travels', () => {
  expect(drawFor(KIB / 10)).toBeGreaterThanOrEqual(128 * KIB);
});

test('what is acknowledged while somebody types says nothing about speed', () => {
  let clock = 0;
  const window = createWindow(MOST, () => clock);
  for (let key = 0; key < 100; key++) {
    window.sent(1);
    clock += 50;
    window.drawn(1);
  }
  window.sent(MOST);
  expect(window.isFull()).toBe(false);
});
