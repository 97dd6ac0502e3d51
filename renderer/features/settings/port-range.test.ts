import { expect, it } from 'vitest';
import { en } from '../../strings/en.ts';
import { checkRange } from './port-range.ts';

const problems = (first: string, last: string) => checkRange({ first, last }, en).problems;

it('reads a range, also of one port', () => {
  expect(checkRange({ first: '20000', last: '21000' }, en).range).toEqual({ first: 20_000, last: 21_000 });
  expect(checkRange({ first: ' 3000 ', last: '3000' }, en).range).toEqual({ first: 3000, last: 3000 });
});

it.each([
  ['', '21000', { first: 'must be a number' }],
  ['ten', 'x', { first: 'must be a number', last: 'must be a number' }],
  ['80', '21000', { first: 'at least 1024' }],
  ['20000', '70000', { last: 'at most 65535' }],
  ['2000.5', '21000', { first: 'must be a whole number' }],
  ['21000', '20000', { last: 'must not be below first' }],
])('says what is wrong with %j to %j beside its field', (first, last, expected) => {
  expect(problems(first, last)).toEqual(expected);
});
