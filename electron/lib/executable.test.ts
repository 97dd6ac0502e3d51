import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findProgram } from './executable.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-path-'));
  for (const name of ['first', 'second', 'third']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (path: string, mode = 0o755) => {
  writeFileSync(join(folder, path), '');
  chmodSync(join(folder, path), mode);
};
const path = () => `${folder}/first:${folder}/second`;

it('is the first of that name that is a file and may be run', () => {
  mkdirSync(join(folder, 'first/npm'));
  program('second/npm');
  program('first/plain', 0o644);
  program('second/plain');
  expect(findProgram('npm', { path: path() })).toBe(join(folder, 'second/npm'));
  expect(findProgram('plain', { path: path() })).toBe(join(folder, 'second/plain'));
});

it('is looked for in further folders when PATH does not have it', () => {
  program('third/dockerd');
  expect(findProgram('dockerd', { path: path() })).toBeNull();
  expect(findProgram('dockerd', { path: path(), extra: [join(folder, 'third')] })).toBe(join(folder, 'third/dockerd'));
  expect(findProgram('sh', { path: '' })).toMatch(/\/bin\/sh$/);
  expect(findProgram('sh', { path: '', extra: [] })).toBeNull();
});

it('is not what lies where this process happens to be', () => {
  program('first/there');
  expect(findProgram('there', { path: `:${relative(process.cwd(), join(folder, 'first'))}`, extra: [] })).toBeNull();
});
