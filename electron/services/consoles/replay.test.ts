import { expect, test } from 'vitest';
import { createReplay } from './replay.ts';

test('everything is kept while it fits', () => {
  const replay = createReplay(100);
  replay.append('one\r\n');
  replay.append('two\r\n');
  expect(replay.text()).toBe('one\r\ntwo\r\n');
});

test('what is too old is cut at a line break, so that no escape sequence is cut in two', () => {
  const replay = createReplay(30);
  for (let line = 0; line < 100; line += 1) replay.append(`\x1b[32mline ${line}\x1b[0m\r\n`);
  expect(replay.text()).toBe('\x1b[32mline 99\x1b[0m\r\n');
});

test('a single line longer than the capacity keeps its end', () => {
  const replay = createReplay(10);
  replay.append('x'.repeat(50));
  replay.append('end');
  expect(replay.text()).toBe(`${'x'.repeat(7)}end`);
});
