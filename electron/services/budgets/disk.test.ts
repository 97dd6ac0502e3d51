import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytesOnDisk } from './disk.ts';

const KIB = 1024;
const { signal } = new AbortController();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const made = async (name: string) => {
  const path = join(folder, name);
  await mkdir(path);
  return path;
};

test('counts all that lies in the folders, a file with several names once, and nothing that a link leads to', async () => {
  const [inside, outside] = [await made('-inside'), await made('outside')];
  const empty = await bytesOnDisk([inside], signal);
  await mkdir(join(inside, 'deep'));
  await writeFile(join(inside, 'deep', 'file'), Buffer.alloc(256 * KIB, 1));
  await link(join(inside, 'deep', 'file'), join(inside, 'again'));
  await writeFile(join(outside, 'file'), Buffer.alloc(1024 * KIB, 1));
  await symlink(outside, join(inside, 'link'));
  const one = (await bytesOnDisk([inside], signal)) - empty;
  expect(one).toBeGreaterThanOrEqual(256 * KIB);
  expect(one).toBeLessThan(300 * KIB);
  expect(await bytesOnDisk([inside, outside], signal)).toBeGreaterThanOrEqual(256 * KIB + 1024 * KIB);
});

test('tells what is there when one of the folders has gone, and fails when all have', async () => {
  const inside = await made('inside');
  await writeFile(join(inside, 'file'), Buffer.alloc(256 * KIB, 1));
  expect(await bytesOnDisk([join(folder, 'gone'), inside], signal)).toBeGreaterThanOrEqual(256 * KIB);
  await expect(bytesOnDisk([join(folder, 'gone')], signal)).rejects.toMatchObject({ code: 'internal' });
});
