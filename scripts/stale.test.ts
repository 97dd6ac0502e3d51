import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildIfStale } from './stale.ts';

let folder: string;
let builds: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-stale-'));
  builds = 0;
  await mkdir(join(folder, 'src/deep'), { recursive: true });
  await writeFile(join(folder, 'src/deep/a.ts'), 'one');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = () => join(folder, 'dist/out');
const run = (build: () => Promise<void> = async () => undefined) =>
  buildIfStale({
    name: 'out',
    inputs: [join(folder, 'src')],
    output: output(),
    build: async () => {
      builds++;
      await mkdir(output(), { recursive: true });
      await build();
    },
  });

test('builds once, and again only after a change', async () => {
  expect([await run(), await run()]).toEqual(['built', 'fresh']);
  await writeFile(join(folder, 'src/deep/a.ts'), 'two');
  expect([await run(), await run()]).toEqual(['built', 'fresh']);
  await writeFile(join(folder, 'src/b.ts'), '');
  expect(await run()).toBe('built');
  await rm(join(folder, 'src/b.ts'));
  expect(await run()).toBe('built');
  expect(builds).toBe(4);
});

test('a build that failed, and one whose result was removed, are made again', async () => {
  await expect(run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await run()).toBe('built');
  await rm(output(), { recursive: true });
  expect(await run()).toBe('built');
});
