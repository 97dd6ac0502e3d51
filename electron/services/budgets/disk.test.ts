import { link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { findProgram } from '../../lib/executable.ts';
import { bytesOnDisk, outgrowsDisk } from './disk.ts';

const KIB = 1024;
const { signal } = new AbortController();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-disk-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true, force: true });
});

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

/** Puts a script of that name before the real one. */
async function putBeforeDu(script: string): Promise<void> {
  const bin = await made('bin');
  await writeFile(join(bin, 'du'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
}

test('is not put off by many complaints about what may not be read', async () => {
  // Millions of such folders take too long to make.
  await putBeforeDu(`head -c ${100 * 1024 * KIB} /dev/zero >&2; printf '7\\tfolder\\n'`);
  expect(await bytesOnDisk([folder], signal)).toBe(7 * KIB);
});

test('does not take what is below the limit for more, and goes on looking', async () => {
  const inside = await made('inside');
  await putBeforeDu(`echo >> ${join(folder, 'looks')}; exec ${findProgram('du')} "$@"`);
  await writeFile(join(inside, 'small'), Buffer.alloc(256 * KIB, 1));
  const sandbox = { id: 'sbx_0123456789abcdef', workspace: inside } as Sandbox;
  let isOver = false;
  const over = outgrowsDisk(join(folder, 'home'))({ sandbox, ref: 'ref', most: 512 * KIB, signal }).then(() => {
    isOver = true;
  });
  // The second begins when the first has found that it is not too much.
  await vi.waitFor(async () => expect(await readFile(join(folder, 'looks'), 'utf8')).toBe('\n\n'), 20_000);
  expect(isOver).toBe(false);
  await writeFile(join(inside, 'large'), Buffer.alloc(512 * KIB, 1));
  await over;
});
