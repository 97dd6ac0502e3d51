import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBeginning } from './read-beginning.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('gives the beginning of a file', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'abcdef');
  expect(await readBeginning(path, 100)).toBe('abcdef');
  expect(await readBeginning(path, 3)).toBe('abc');
});

it('does not wait for what never comes', async () => {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  expect(await readBeginning(path, 100)).toBeNull();
  expect(await readBeginning('/dev/zero', 100)).toBeNull();
  expect(await readBeginning(folder, 100)).toBeNull();
  expect(await readBeginning(join(folder, 'missing'), 100)).toBeNull();
});
