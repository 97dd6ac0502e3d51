import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from '../../../lib/files/folder.ts';
import { childrenOf } from './children.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-children-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('compares nothing that is not wanted', () => {
  for (const side of ['upper', 'lower']) {
    mkdirSync(join(folder, side));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, side, name), 'ten bytes!');
  }
  using upper = openFolder(join(folder, 'upper'));
  using lower = openFolder(join(folder, 'lower'));
  const budget = { bytes: 100 };
  const found = [...childrenOf({ upper, lower, merged: lower }, budget, (name) => name.toString() === 'b')];
  expect(found.flatMap((child) => (child ? [`${child.kind} ${child.name.toString()}`] : []))).toEqual(['same b']);
  expect(budget.bytes).toBe(90);
});
