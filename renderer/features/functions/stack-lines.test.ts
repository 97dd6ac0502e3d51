import { expect, it } from 'vitest';
import { stackLines, thrownAt } from './stack-lines.ts';

it('finds the lines of the code in a stack of JavaScript', () => {
  const lines = stackLines('    at deep (function.js:7:19)\n    at <anonymous>\n    at handler (function.js:12:3)\n');
  expect(lines.map(({ line }) => line)).toEqual([7, null, 12]);
  expect(thrownAt(lines)).toBe(7);
});

it('finds the lines of the code in a traceback of Python, where the innermost comes last', () => {
  const stack = `Traceback (most recent call last):
  File "function.py", line 9, in handler
    return inner(payload)
  File "function.py", line 4, in inner
    raise ValueError('no')
  File "/lib/json/decoder.py", line 355, in raw_decode
ValueError: no`;
  const lines = stackLines(stack);
  expect(lines.map(({ line }) => line)).toEqual([null, 9, null, 4, null, null, null]);
  expect(thrownAt(lines)).toBe(4);
});

it('leads nowhere without a line of the code', () => {
  expect(thrownAt(stackLines(''))).toBeNull();
  expect(thrownAt(stackLines('at node:internal:3:4\nmyfunction.json:3'))).toBeNull();
});
