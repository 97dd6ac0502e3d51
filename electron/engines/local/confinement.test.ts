import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineChange } from '../engine.ts';
import { openTerminal, run, sh, until } from '../engine-contract/fixture.ts';
import { createTestEngine } from './test-support.ts';

let outside: string;
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'terrarium-outside-'));
  process.env.AWS_SECRET_ACCESS_KEY = 'do not leak';
});
afterAll(async () => {
  Reflect.deleteProperty(process.env, 'AWS_SECRET_ACCESS_KEY');
  await rm(outside, { recursive: true, force: true });
});

it('builds the environment from a whitelist', async () => {
  await using test = await createTestEngine();
  const object = await test.running({ env: { MINE: 'yes', LANG: 'C' } });
  const { stdout } = await run(test.engine, object.ref, ['env', '-0'], { env: { ONCE: 'a\nb' } });
  const env = new Map(
    stdout
      .toString()
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const allowed = 'HOME LANG LC_ALL LC_CTYPE MINE ONCE PATH TERRARIUM_PROGRAM TERRARIUM_SANDBOX_ID TMPDIR TZ'.split(
    ' ',
  );
  expect([...env.keys()].filter((name) => !allowed.includes(name))).toEqual([]);
  expect(env.get('HOME')).toBe(object.workspace);
  expect(env.get('TMPDIR')).toBe(join(test.directoryOf(object), 'tmp'));
  expect(env.get('TERRARIUM_SANDBOX_ID')).toBe(object.ref);
  expect([env.get('MINE'), env.get('LANG'), env.get('ONCE')]).toEqual(['yes', 'C', 'a\nb']);
});

it('gives a console a terminal type and no secret', async () => {
  await using test = await createTestEngine();
  const { ref } = await test.running();
  const { console, output } = await openTerminal(test.engine, ref, {
    argv: sh('echo "<$TERM|$AWS_SECRET_ACCESS_KEY|$HOME>"'),
  });
  await console.exited;
  expect(output()).toContain('<xterm-256color||/');
});

it('holds the limits of every process', async () => {
  await using test = await createTestEngine();
  const limits = { openFiles: 33, fileSizeBytes: 64 * 1024 };
  const { ref, workspace } = await test.running({ limits });
  expect((await run(test.engine, ref, sh('ulimit -n'))).stdout.toString()).toBe('33\n');
  const { exit } = await run(test.engine, ref, ['dd', 'if=/dev/zero', 'of=big', 'bs=4096', 'count=64']);
  expect(exit).toEqual({ code: null, signal: 'SIGXFSZ', limit: 'fileSizeBytes' });
  expect(await readFile(join(workspace ?? '', 'big'))).toHaveLength(64 * 1024);
  const hard = await run(test.engine, ref, sh('ulimit -n 34; setsid env -i sh -c "ulimit -n"'));
  expect(hard.stdout.toString()).toBe('33\n');
});

it('tries to hold memory and CPU time when best effort will do', async () => {
  await using test = await createTestEngine();
  const limits = { memoryBytes: 64 * 1024 * 1024, cpuTimeMs: 1000, processes: 50 };
  await expect(test.create({ limits })).rejects.toMatchObject({ code: 'unsupported' });
  const { ref } = await test.running({ limits, allowBestEffort: true });
  const memory = await run(test.engine, ref, sh('x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo survived'));
  expect(memory.stdout.toString()).toBe('');
  const cpu = await run(test.engine, ref, sh('while :; do :; done'));
  expect(['SIGXCPU', 'SIGKILL']).toContain(cpu.exit.signal);
});

it('says which limit ended the main program', async () => {
  await using test = await createTestEngine();
  const changes: EngineChange[] = [];
  const controller = new AbortController();
  const ready = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const change of test.engine.watch(controller.signal, ready.resolve)) changes.push(change);
  })();
  await ready.promise;
  const limits = { fileSizeBytes: 64 * 1024 };
  const { ref } = await test.running({ limits, command: ['dd', 'if=/dev/zero', 'of=big', 'bs=4096', 'count=64'] });
  await until('the limit', () => changes.some(({ type }) => type === 'limit'));
  expect(changes).toContainEqual({ type: 'limit', ref, limit: 'fileSizeBytes' });
  expect((await test.engine.inspect(ref)).exit).toEqual({ code: null, signal: 'SIGXFSZ', limit: 'fileSizeBytes' });
  controller.abort();
  await watching;
});

it('refuses what it cannot enforce, naming it', async () => {
  await using test = await createTestEngine();
  await expect(test.create({ limits: { cpuCores: 1 } })).rejects.toMatchObject({
    code: 'unsupported',
    details: { field: 'limits.cpuCores' },
  });
  await expect(test.create({ network: { mode: 'none' } })).rejects.toMatchObject({ code: 'unsupported' });
  expect(await test.engine.list()).toEqual([]);
});

it('works in a folder of the user, and never removes it', async () => {
  await using test = await createTestEngine();
  const folder = await mkdtemp(join(outside, 'project-'));
  await writeFile(join(folder, 'mine'), 'kept');
  const object = await test.running({ source: { type: 'directory', path: folder } });
  expect(object).toMatchObject({ workspace: folder, source: folder });
  expect((await run(test.engine, object.ref, ['cat', 'mine'])).stdout.toString()).toBe('kept');
  await test.engine.destroy(object.ref);
  expect(await readdir(folder)).toEqual(['mine']);
});

it.each([
  ['the root folder', () => '/', 'whole machine'],
  ['a missing folder', () => join(outside, 'missing'), 'There is no file or folder'],
  ['a file', () => join(outside, 'file'), 'not a folder'],
  ['the state folder', (home: string) => home, "Terrarium's own"],
  ['a link into the state folder', () => join(outside, 'link'), "Terrarium's own"],
])('refuses %s as workspace', async (_what, path, message) => {
  await using test = await createTestEngine();
  await writeFile(join(outside, 'file'), '');
  await mkdir(join(test.home, 'sandboxes'), { recursive: true });
  await rm(join(outside, 'link'), { force: true });
  await symlink(join(test.home, 'sandboxes'), join(outside, 'link'));
  const attempt = test.create({ source: { type: 'directory', path: path(test.home) } });
  await expect(attempt).rejects.toMatchObject({ code: 'invalid_input', details: { field: 'source.path' } });
  await expect(attempt).rejects.toThrow(message);
  expect(await test.engine.list()).toEqual([]);
});

it('does not follow links out of its folder on destroy', async () => {
  await using test = await createTestEngine();
  const precious = await mkdtemp(join(outside, 'precious-'));
  await writeFile(join(precious, 'file'), 'kept');
  const object = await test.running({ command: ['sh', '-c', 'echo hello; sleep 1000'] });
  const folder = test.directoryOf(object);
  const links = `ln -s ${precious} tree; rm -rf ../logs ../tmp; ln -s ${precious} ../logs; ln -s ${precious} ../tmp; touch done`;
  await run(test.engine, object.ref, sh(links));
  await until('the links', () => existsSync(join(folder, 'workspace', 'done')));
  await test.engine.destroy(object.ref);
  expect(await readdir(folder)).toEqual(['workspace']);
  expect(await readFile(join(precious, 'file'), 'utf8')).toBe('kept');
});

it('does not write its log through a link that a program has put there', async () => {
  await using test = await createTestEngine();
  const victim = join(outside, 'victim');
  await writeFile(victim, 'untouched');
  const { ref } = await test.running({ command: ['sh', '-c', 'echo overwritten'] });
  await until('its end', async () => (await test.engine.inspect(ref)).state === 'stopped');
  const log = join(test.home, 'sandboxes', ref, 'logs', 'stdout.log');
  await rm(log);
  await symlink(victim, log);
  await expect(test.engine.start(ref)).rejects.toMatchObject({ name: 'AppError' });
  expect(await readFile(victim, 'utf8')).toBe('untouched');
});
