import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rotateLog } from './logs.ts';
import { readExit } from './main-program.ts';
import { type SandboxPaths, sandboxPaths } from './manifest.ts';
import { countFromHere, followOutputBytes } from './output-bytes.ts';

let folder: string;
let paths: SandboxPaths;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-output-'));
  paths = sandboxPaths(folder, 'process', 'sbx_0123456789abcdef');
  await mkdir(paths.logs, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lines = (bytes: number) => `${'x'.repeat(99)}\n`.repeat(bytes / 100);

/** What is counted of a program that has just ended. */
async function counted(): Promise<number> {
  let last = 0;
  const { signal } = new AbortController();
  for await (const bytes of followOutputBytes(paths, signal, async () => true)) last = bytes;
  return last;
}

test('counts both streams, also what was cut away, once', async () => {
  expect(await counted()).toBe(0);
  await appendFile(paths.stdout, lines(3000));
  await appendFile(paths.stderr, lines(500));
  expect(await counted()).toBe(3500);
  for (const expected of [6500, 9500]) {
    expect(await rotateLog(paths.stdout, 1000)).toBe(true);
    expect(await counted()).toBe(expected - 3000);
    await appendFile(paths.stdout, lines(3000));
    expect(await counted()).toBe(expected);
  }
});

test('leaves out what was there at the start, also when that is cut away later', async () => {
  await appendFile(paths.stdout, lines(3000));
  await rotateLog(paths.stdout, 1000);
  await appendFile(paths.stdout, lines(2000));
  await countFromHere(paths.stdout);
  expect(await counted()).toBe(0);
  await appendFile(paths.stdout, lines(100));
  expect(await counted()).toBe(100);
  await rotateLog(paths.stdout, 1000);
  expect(await counted()).toBe(100);
});

test('tells of what comes until it is over', async () => {
  const told: number[] = [];
  const { signal } = new AbortController();
  let over = false;
  for await (const bytes of followOutputBytes(paths, signal, async () => over)) {
    told.push(bytes);
    if (told.length === 1) await appendFile(paths.stdout, 'one\n');
    if (told.length === 2) {
      await appendFile(paths.stderr, 'two\n');
      over = true;
    }
  }
  expect(told).toEqual([0, 4, 8]);
});

test('is not held up by what a program has put where the count and the exit code lie', async () => {
  await appendFile(paths.stdout, lines(3000));
  for (const path of [`${paths.stdout}.beside`, paths.exit]) execFileSync('mkfifo', [path]);
  expect(await counted()).toBe(3000);
  expect(await readExit(paths.exit)).toBeNull();
  expect(await rotateLog(paths.stdout, 1000)).toBe(true);
  expect(await counted()).toBe(3000);
});
