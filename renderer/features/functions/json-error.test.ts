import { expect, it } from 'vitest';
import { jsonErrorAt } from './json-error.ts';

it.each([
  ['{"words": \n nothing}', 'nothing}'],
  ['{"a": 1,\n b: 2}', 'b: 2}'],
  ['[1, 2,]', ']'],
  ['{"a": 1,}', '}'],
  ['[1 2]', '2]'],
  ['{"a" 1}', '1}'],
  ['{"a": 1]', ']'],
  ['[01]', '1]'],
  ['"\\x"', '"\\x"'],
  ['null null', 'null'],
  [']', ']'],
  ['{"a": [1, 2', ''],
  ['', ''],
  ['  ', ''],
])('finds where %s goes wrong', (text, rest) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(text.slice(jsonErrorAt(text) ?? Number.NaN)).toBe(rest);
  expect(jsonErrorAt(text)).toBe(text.length - rest.length);
});

it.each(['{"a":[1,{"b":null}],"c":{},"d":[],"e":"\\u00e9\\n"}', ' [ -1.5e+3 , true ] ', '"x"', '0'])(
  'finds nothing in %s',
  (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(jsonErrorAt(text)).toBeNull();
  },
);
