import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { electronPackage, findElectron } from './electron-binary.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-electron-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the package is found without being imported', () => {
  expect(electronPackage.endsWith(join('node_modules', 'electron'))).toBe(true);
});

test('is not there before its download, and not after half of one', async () => {
  expect(findElectron(folder, '')).toBeNull();
  await writeFile(join(folder, 'path.txt'), 'electron');
  expect(findElectron(folder, '')).toBeNull();
});

test('is where path.txt says, or in the folder that the environment names', async () => {
  await writeFile(join(folder, 'path.txt'), 'electron');
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/electron'), '');
  expect(findElectron(folder, '')).toBe(join(folder, 'dist/electron'));
  expect(findElectron(folder, '/nowhere')).toBeNull();
  expect(findElectron(folder, join(folder, 'dist'))).toBe(join(folder, 'dist/electron'));
});
