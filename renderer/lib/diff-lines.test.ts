import { expect, it } from 'vitest';
import { diffLines } from './diff-lines.ts';

const signs = { same: ' ', added: '+', removed: '-', gap: '@' } as const;
const diff = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${signs[kind]}${text}`);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`);

it('shows what was added, removed and changed', () => {
  expect(diff('a\nb\nc\n', 'a\nB\nc\nd\n')).toEqual([' a', '-b', '+B', ' c', '+d']);
  expect(diff('', 'new\n')).toEqual(['+new']);
  expect(diff('old\n', '')).toEqual(['-old']);
  expect(diff('same\n', 'same\n')).toEqual(['@']);
});

it('finds what two texts have in common between their changes', () => {
  expect(diff('x\na\nb\nc\ny\n', 'a\nQ\nb\nc\nz\n')).toEqual(['-x', ' a', '+Q', ' b', ' c', '-y', '+z']);
});

it('leaves out what is far from any change', () => {
  const before = numbers(1, 20).join('');
  expect(diff(before, before.replace('10\n', 'ten\n'))).toEqual([
    ...['@', ' 7', ' 8', ' 9', '-10', '+ten', ' 11', ' 12', ' 13', '@'],
  ]);
});

it('gives up finding common lines where that would take too long', () => {
  const [before, after] = [numbers(1, 3000).join(''), numbers(2, 3001).toReversed().join('')];
  const lines = diffLines(before, after);
  expect(lines.filter(({ kind }) => kind === 'removed').length).toBe(3000);
  expect(lines.filter(({ kind }) => kind === 'added').length).toBe(3000);
  const around = diffLines(`${numbers(1, 9).join('')}${before}end\n`, `${numbers(1, 9).join('')}${after}end\n`);
  expect(around.slice(0, 5).map(({ text }) => text)).toEqual(['', '7', '8', '9', '1']);
  expect(around.at(-1)).toEqual({ kind: 'same', text: 'end' });
});

it('does not call an end of line at the very end a change', () => {
  expect(diff('a\nb', 'a\nb\n')).toEqual(['@']);
  expect(diff('a\r\n', 'a\n')).toEqual(['-a\r', '+a']);
});

it('shows what is put between lines far from other changes', () => {
  const before = numbers(1, 30);
  const after = [...before.slice(0, 4), 'new\n', ...before.slice(4, 20), ...before.slice(21)];
  expect(diff(before.join(''), after.join(''))).toEqual([
    ...['@', ' 2', ' 3', ' 4', '+new', ' 5', ' 6', ' 7'],
    ...['@', ' 18', ' 19', ' 20', '-21', ' 22', ' 23', ' 24', '@'],
  ]);
});
