import { expect, it } from 'vitest';
import { branchPaths, searchTree, treeRows } from './tree.ts';

const data = { Id: 'abc', State: { Running: true, Health: null }, Mounts: [{ 'a/b': 1 }] };

it('shows what is open', () => {
  const rows = treeRows(data, new Set(['', '/Mounts']));
  expect(rows.map(({ depth, key, children }) => [depth, key, children])).toEqual([
    [0, null, 3],
    [1, 'Id', null],
    [1, 'State', 2],
    [1, 'Mounts', 1],
    [2, '0', 1],
  ]);
});

it('names branches down to a depth', () => {
  expect(branchPaths(data, 1)).toEqual(['', '/State', '/Mounts']);
  expect(branchPaths(data)).toContain('/Mounts/0');
});

it('finds keys and values and the way to them', () => {
  expect(searchTree(data, 'RUNNING')).toEqual({ found: ['/State/Running'], open: ['/State', ''] });
  expect(searchTree(data, 'a/b').found).toEqual(['/Mounts/0/a~1b']);
  expect(searchTree(data, 'null').found).toEqual(['/State/Health']);
  expect(searchTree(data, '')).toEqual({ found: [], open: [] });
});
