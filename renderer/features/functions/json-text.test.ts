import { expect, it } from 'vitest';
import { jsonProblem, prettyJson } from './json-text.ts';

it('tells the line at which JSON goes wrong', () => {
  expect(jsonProblem('{"a": 1}')).toBeNull();
  expect(jsonProblem('{\n  "a": 1,\n  b: 2\n}')?.line).toBe(3);
  expect(jsonProblem('{\n"a": 1,\n')?.line).toBe(3);
  expect(jsonProblem('')?.message).toMatch(/end of/i);
});

it.each(['{"a":[1,{"b":null}],"c":{},"d":[],"e":"{ [ , : \\" ]"}', '[]', '"text"', ' [ 1 ,\n2 ] '])(
  'puts %s in order as JSON.stringify does',
  (text) => expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2)),
);

it('changes no number, and nothing that is no JSON', () => {
  expect(prettyJson('[12345678901234567890, 1e2]')).toBe('[\n  12345678901234567890,\n  1e2\n]');
  expect(prettyJson('{"cut": "of')).toBe('{"cut": "of');
});

it('takes no longer for a MiB than one can wait', () => {
  const long = JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ index, text: 'a "b" c' })));
  expect(long.length).toBeGreaterThan(1024 * 1024);
  expect(prettyJson(long)).toBe(JSON.stringify(JSON.parse(long), null, 2));
});
