import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWriter } from './writer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A terminal that reads what it was given when it is told to. */
function fakeTerminal() {
  const written: string[] = [];
  const unread: (() => void)[] = [];
  return {
    written,
    write: (data: string | Uint8Array, read?: () => void) => {
      written.push(String(data));
      unread.push(read ?? (() => undefined));
    },
    readAll: () => {
      for (const read of unread.splice(0)) read();
    },
  };
}

const FLOOD = 'x'.repeat(40_000);

test('an echo is written at once', () => {
  const terminal = fakeTerminal();
  createWriter(terminal).write('a', () => undefined);
  expect(terminal.written).toEqual(['a']);
});

test('what comes while the terminal reads is written together, in its order, and each piece is told as read', () => {
  const terminal = fakeTerminal();
  const writer = createWriter(terminal);
  const read = vi.fn();
  for (const data of ['one ', 'two ', 'three']) writer.write(data, read);
  expect(terminal.written).toEqual(['one ']);
  terminal.readAll();
  expect(terminal.written).toEqual(['one ', 'two three']);
  expect(read.mock.calls).toEqual([[4]]);
  terminal.readAll();
  expect(read.mock.calls).toEqual([[4], [4], [5]]);
});

test('a flood is gathered before it is written, an echo after it is not', () => {
  const terminal = fakeTerminal();
  const writer = createWriter(terminal);
  writer.write(FLOOD, () => undefined);
  terminal.readAll();
  writer.write('a', () => undefined);
  writer.write('b', () => undefined);
  expect(terminal.written).toEqual([FLOOD]);
  vi.runAllTimers();
  expect(terminal.written).toEqual([FLOOD, 'ab']);
  terminal.readAll();
  writer.write('c', () => undefined);
  expect(terminal.written.at(-1)).toBe('c');
});

test('a gathered flood does not grow without bound', () => {
  const terminal = fakeTerminal();
  const writer = createWriter(terminal);
  writer.write(FLOOD, () => undefined);
  terminal.readAll();
  for (let i = 0; i < 7; i++) writer.write(FLOOD, () => undefined);
  expect(terminal.written.at(-1)).toHaveLength(7 * FLOOD.length);
});

test('what is flushed comes before what is written next', () => {
  const terminal = fakeTerminal();
  const writer = createWriter(terminal);
  writer.write('first', () => undefined);
  writer.write('last', () => undefined);
  writer.flush();
  expect(terminal.written).toEqual(['first', 'last']);
});

test('nothing is written to a terminal that is gone', () => {
  const terminal = fakeTerminal();
  const writer = createWriter(terminal);
  writer.write(FLOOD, () => undefined);
  terminal.readAll();
  writer.write('late', () => undefined);
  writer.dispose();
  vi.runAllTimers();
  expect(terminal.written).toEqual([FLOOD]);
});
