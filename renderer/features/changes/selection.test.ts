import { expect, it } from 'vitest';
import { pathsOf, toggled, withAll } from './selection.ts';

const changes = ['a', 'a/b', 'a/b/c', 'a/d', 'ab', 'e/f'].map((path) => ({ path }));
const choose = (...paths: readonly string[]) =>
  [...paths.reduce<ReadonlySet<string>>((chosen, path) => toggled(chosen, path, changes), new Set())].toSorted();

it('takes a folder with all that is in it, and nothing that is only called alike', () => {
  expect(choose('a')).toEqual(['a', 'a/b', 'a/b/c', 'a/d']);
});

it('takes a folder back when something in it is left out, and keeps the rest', () => {
  expect(choose('a', 'a/b/c')).toEqual(['a/d']);
  expect(choose('a', 'a/b')).toEqual(['a/d']);
  expect(choose('a', 'a')).toEqual([]);
});

it('names a folder once', () => {
  expect(pathsOf(new Set(choose('a', 'e/f')))).toEqual(['a', 'e/f']);
});

it('leaves no folder chosen of which something shown is left out, and keeps what is not shown', () => {
  expect([...withAll(new Set(['a', 'a/b', 'a/d']), ['a/b'], false)]).toEqual(['a/d']);
  expect([...withAll(new Set(['a/d']), ['a/b', 'ab'], true)]).toEqual(['a/d', 'a/b', 'ab']);
});
