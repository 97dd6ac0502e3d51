import { appendFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../engine-contract/fixture.ts';
import { LOG_MAX, readLogs, rotateLog } from './logs.ts';
import { sandboxPaths } from './manifest.ts';
import { createTestEngine } from './test-support.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrarium-logs-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const over = async () => true;
const prepare = async () => {
  const paths = sandboxPaths(home, 'process', 'sbx_0123456789abcdef');
  await mkdir(paths.logs, { recursive: true });
  return paths;
};
const read = async (paths: ReturnType<typeof sandboxPaths>, tail: number) => {
  const options = { tail, follow: false, signal: new AbortController().signal };
  return (await Array.fromAsync(readLogs(paths, options, over))).flat();
};
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

it('keeps the end of a log that has grown too large, and reads on across the cut', async () => {
  const paths = await prepare();
  await appendFile(paths.stdout, lines(1, 1000));
  expect(await rotateLog(paths.stdout, 2500)).toBe(true);
  expect((await stat(paths.stdout)).size).toBe(0);
  expect((await readFile(`${paths.stdout}.1`, 'utf8')).length).toBeLessThanOrEqual(1000);
  await appendFile(paths.stdout, lines(1001, 1005));
  expect((await read(paths, 7)).map(({ text }) => text)).toEqual(
    [999, 1000, 1001, 1002, 1003, 1004, 1005].map((n) => `line ${n}`),
  );
});

it('leaves a small log alone', async () => {
  const paths = await prepare();
  await appendFile(paths.stdout, lines(1, 10));
  expect(await rotateLog(paths.stdout, 5000)).toBe(false);
  expect(await rotateLog(join(paths.logs, 'missing'), 5000)).toBe(false);
});

it('bounds the log of a program that floods', async () => {
  await using test = await createTestEngine();
  const object = await test.running({ command: ['yes', 'a program that floods its log'] });
  const log = join(test.directoryOf(object), 'logs', 'stdout.log');
  await until('the cut', async () => (await stat(`${log}.1`).catch(() => null)) !== null);
  await until('a small log', async () => (await stat(log)).size < LOG_MAX);
  expect((await stat(`${log}.1`)).size).toBeLessThanOrEqual(LOG_MAX);
  const options = { tail: 5, follow: false, signal: new AbortController().signal };
  const tail = (await Array.fromAsync(test.engine.logs(object.ref, options))).flat();
  expect(tail).toHaveLength(5);
});

it('gives both streams their share of the tail', async () => {
  const paths = await prepare();
  await appendFile(paths.stdout, 'o1\no2\no3\no4\n');
  await appendFile(paths.stderr, 'e1\ne2\n');
  const texts = async (tail: number) => (await read(paths, tail)).map(({ text }) => text);
  expect(await texts(100)).toEqual(['o1', 'o2', 'o3', 'o4', 'e1', 'e2']);
  expect(await texts(4)).toEqual(['o3', 'o4', 'e1', 'e2']);
  expect(await texts(2)).toEqual(['o4', 'e2']);
});

it('carries a character that is cut in two, a carriage return, and bytes that are no text', async () => {
  const paths = await prepare();
  await appendFile(paths.stdout, Buffer.concat([Buffer.from('grün\r\n'), Buffer.from([0xff, 0x0a])]));
  expect((await read(paths, 10)).map(({ text }) => text)).toEqual(['grün', '\ufffd']);
});

it('begins anew for a follower when the log is cut', async () => {
  const paths = await prepare();
  await appendFile(paths.stdout, lines(1, 100));
  const controller = new AbortController();
  const seen: string[] = [];
  const options = { tail: 1, follow: true, signal: controller.signal };
  const following = (async () => {
    for await (const batch of readLogs(paths, options, async () => false)) seen.push(...batch.map(({ text }) => text));
  })();
  await until('the last line', () => seen.includes('line 100'));
  await rotateLog(paths.stdout, 125);
  await appendFile(paths.stdout, 'after\n');
  await until('the line after the cut', () => seen.includes('after'));
  controller.abort();
  await following;
  expect(seen).toEqual(['line 100', 'after']);
});
