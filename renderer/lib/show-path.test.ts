import { expect, it } from 'vitest';
import { leadsOut, showPath, splitPath } from './show-path.ts';

it.each([
  ['src/main.ts', 'src/main.ts'],
  ['a\nb\u001b[31m', 'a\\x0ab\\x1b[31m'],
  ['gpj.\u202ecod', 'gpj.\\u{202e}cod'],
  ['caf\udce9', 'caf\\xe9'],
  ['źródło 文件 😀', 'źródło 文件 😀'],
])('%j is shown as %j', (path, shown) => expect(showPath(path)).toBe(shown));

it('splits a path into folder and name', () => {
  expect(splitPath('a/b/c')).toEqual(['a/b/', 'c']);
  expect(splitPath('c')).toEqual(['', 'c']);
});

it.each([
  ['link', '/etc/passwd', true],
  ['link', '..', true],
  ['a/link', '../b', false],
  ['a/link', '../../b', true],
  ['a/link', 'x/../../../b', true],
  ['link', './a//b', false],
])('a link at %s to %s leads out: %s', (path, target, out) => expect(leadsOut(path, target)).toBe(out));
