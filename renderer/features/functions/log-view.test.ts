import { expect, it } from 'vitest';
import { logLines } from './log-view.tsx';

it('puts the pieces of two streams together as lines', () => {
  const lines = logLines([
    { stream: 'stdout', text: 'one\ntw' },
    { stream: 'stderr', text: 'bad\n' },
    { stream: 'stdout', text: 'o\n\nend' },
  ]);
  expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
    'stdout one',
    'stdout two',
    'stderr bad',
    'stdout ',
    'stdout end',
  ]);
});

it('has no line for what has not begun', () => {
  expect(logLines([])).toEqual([]);
  expect(logLines([{ stream: 'stdout', text: '\n' }])).toEqual([{ stream: 'stdout', text: '' }]);
  expect(
    logLines([
      { stream: 'stdout', text: 'a\n' },
      { stream: 'stdout', text: 'b\n' },
    ]),
  ).toHaveLength(2);
});
