import { expect, it } from 'vitest';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { createLogBuffer, findLines } from './buffer.ts';

const line = (text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({ at: null, stream, text });

it('lets the oldest lines go and counts them', () => {
  const buffer = createLogBuffer(3);
  buffer.add(['a', 'b'].map((text) => line(text)));
  buffer.add(['c', 'd', 'e'].map((text) => line(text)));
  expect(buffer.lines().map(({ text }) => text)).toEqual(['c', 'd', 'e']);
  expect(buffer.dropped()).toBe(2);
});

it('finds text without its colours and in any case', () => {
  const buffer = createLogBuffer();
  buffer.add([line('one'), line('\x1b[31mER\x1b[0mROR here'), line('an error', 'stderr'), line('two')]);
  const lines = buffer.lines();
  expect(findLines(lines, { text: 'error', stream: 'all', only: false })).toMatchObject({ matches: [1, 2] });
  expect(findLines(lines, { text: 'error', stream: 'stderr', only: false })).toMatchObject({ matches: [0] });
  const { shown, matches } = findLines(lines, { text: 'error', stream: 'all', only: true });
  expect([shown.length, matches]).toEqual([2, [0, 1]]);
  expect(findLines(lines, { text: '', stream: 'all', only: true }).shown).toHaveLength(4);
});
