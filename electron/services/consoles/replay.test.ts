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

test('without a line break near the cut, the replay begins with the next escape sequence', () => {
  const replay = createReplay(100);
  for (let step = 0; step < 50; step += 1) replay.append(`\x1b[${step};1Hprogress ${step}\r`);
  expect(replay.text().startsWith('\x1b[')).toBe(true);
  expect(replay.text()).toMatch(/progress 49\r$/);
});

test('a line break at the very end does not cost the whole replay', () => {
  const replay = createReplay(100_000);
  replay.append(`${'x'.repeat(250_000)}\n`);
  expect(replay.text().length).toBe(100_000);
});

test('a single line longer than the capacity keeps its end', () => {
  const replay = createReplay(10);
  replay.append('x'.repeat(50));
  replay.append('end');
  expect(replay.text()).toBe(`${'x'.repeat(7)}end`);
});
