import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processesWith, run, uniqueSleep, until } from '../engine-contract/fixture.ts';
import { manifestSchema, sandboxPaths } from './manifest.ts';
import { createTestEngine } from './test-support.ts';
import { createToolRunner } from './tools.ts';

/** In no password file, as in many a container. */
const NOBODY_IN_PARTICULAR = 61_234;
const script = fileURLToPath(new URL('test-host.ts', import.meta.url));

let home: string;
let host: ChildProcess | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrarium-host-'));
});
afterEach(async () => {
  if (host && host.exitCode === null && host.signalCode === null) {
    host.kill('SIGKILL');
    await once(host, 'exit');
  }
  await rm(home, { recursive: true, force: true });
});

const startHost = (...args: string[]) => {
  host = spawn(process.execPath, [script, home, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  return host;
};
const firstLine = async ({ stdout }: ChildProcess) => {
  if (!stdout) throw new Error('no output');
  for await (const line of createInterface(stdout)) return JSON.parse(line);
};

const pathsOf = (ref: string) => sandboxPaths(home, 'process', manifestSchema.shape.id.parse(ref));
const damage = (path: string) => writeFile(path, '{"version": 1, "owner": "te');

it('takes over what a killed host has left, with its log and its exit code', async () => {
  const killed = startHost('start and wait to be killed');
  const { ref } = await firstLine(killed);
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  await using test = await createTestEngine(home);
  expect((await test.engine.list()).map((object) => [object.ref, object.state])).toEqual([[ref, 'running']]);
  await run(test.engine, ref, ['touch', 'go']);
  await until('the end', async () => (await test.engine.inspect(ref)).state === 'stopped');
  expect((await test.engine.inspect(ref)).exit).toEqual({ code: 6, signal: null });
  const options = { tail: 10, follow: false, signal: new AbortController().signal };
  const lines = (await Array.fromAsync(test.engine.logs(ref, options))).flat();
  expect(lines.map((line) => line.text)).toEqual(['before', 'after']);
});

it('knows the exit code also when the program ended while no host was there', async () => {
  const killed = startHost('start and wait to be killed');
  const { ref } = await firstLine(killed);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const paths = sandboxPaths(home, 'process', ref);
  await writeFile(join(paths.workspace, 'go'), '');
  await until('the exit code on disk', async () => (await readFile(paths.exit, 'utf8').catch(() => '')) !== '');

  await using test = await createTestEngine(home);
  const [object] = await test.engine.list();
  expect(object).toMatchObject({ ref, state: 'stopped', exit: { code: 6, signal: null } });
  expect(Math.abs((object?.stoppedAt ?? 0) - Date.now())).toBeLessThan(10_000);
});

it('ends what a host started but could not record before it was killed', async () => {
  await using test = await createTestEngine(home);
  const marker = uniqueSleep();
  const { ref } = await test.running({ command: ['sleep', marker] });
  await until('it to run', async () => (await processesWith(marker)).length > 0);
  const { manifest: path } = sandboxPaths(home, 'process', manifestSchema.shape.id.parse(ref));
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  // As it was on disk between "marked" and "running".
  await writeFile(path, JSON.stringify({ ...manifest, state: 'ready', main: null, startedAt: null }));

  await using next = await createTestEngine(home);
  expect((await next.engine.list())[0]?.state).toBe('ready');
  expect(await processesWith(marker)).toEqual([]);
});

it('ends the exec and the console of a killed host, and keeps the daemon that a finished exec left', async () => {
  const markers = [uniqueSleep(), uniqueSleep(), uniqueSleep()];
  const count = () => Promise.all(markers.map(async (marker) => (await processesWith(marker)).length));
  await using living = await createTestEngine(home);
  const killed = startHost('run programs and wait to be killed', markers.join());
  const { ref } = await firstLine(killed);
  await until('all to run', async () => (await count()).every((each) => each === 1));

  await living.engine.list();
  expect(await count()).toEqual([1, 1, 1]);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await using next = await createTestEngine(home);
  expect(await next.engine.list()).toMatchObject([{ ref, state: 'running' }]);
  await until('both to be gone', async () => (await count()).join() === '1,0,0');
  expect(await readdir(sandboxPaths(home, 'process', ref).programs)).toEqual([]);
  await next.engine.stop(ref, 100);
  expect(await count()).toEqual([0, 0, 0]);
});

it('lists all sandboxes though what a dead host has left in one cannot be ended', async () => {
  await using test = await createTestEngine(home);
  const [one, other] = [await test.create(), await test.create()];
  // Stands where the record of a dead host's program would, and cannot be taken back like one.
  await mkdir(join(pathsOf(one.ref).programs, '1-1-1-1'), { recursive: true });
  await using next = await createTestEngine(home);
  const refs = [one.ref, other.ref].toSorted();
  expect((await next.engine.list()).map(({ ref }) => ref).toSorted()).toEqual(refs);
  expect((await next.engine.list()).map(({ ref }) => ref).toSorted()).toEqual(refs);
});

it('keeps the limit that the first of two saw, who look at the same end', async () => {
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  await using first = await createTestEngine(home, {
    async explainExit(_sandbox, exit) {
      await asked.promise;
      return { ...exit, limit: 'memoryBytes' };
    },
  });
  await using second = await createTestEngine(home, {
    async explainExit(_sandbox, exit) {
      asked.resolve();
      await told.promise;
      return exit; // what counted is gone
    },
  });
  const { ref } = await first.create({ command: ['sh', '-c', 'until [ -e go ]; do sleep 0.1; done; exit 3'] });
  await first.engine.start(ref);
  await run(first.engine, ref, ['touch', 'go']);
  await until('its exit code', () => existsSync(pathsOf(ref).exit));
  const looking = second.engine.stop(ref, 100);
  await until('the end', async () => (await first.engine.inspect(ref)).state === 'stopped');
  told.resolve();
  await looking;
  const exit = { code: 3, signal: null, limit: 'memoryBytes' };
  expect((await second.engine.inspect(ref)).exit).toEqual(exit);
  expect((await first.engine.inspect(ref)).exit).toEqual(exit);
});

it('leaves a sandbox alone that another started again while this one looked at its end', async () => {
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  let tidied = 0;
  await using first = await createTestEngine(home, {
    async explainExit(_sandbox, exit) {
      await asked.promise;
      return exit;
    },
  });
  await using second = await createTestEngine(home, {
    async explainExit(_sandbox, exit) {
      asked.resolve();
      await told.promise;
      return { ...exit, limit: 'memoryBytes' };
    },
    async ended() {
      tidied += 1;
    },
  });
  const script = '[ -e go ] && exec sleep 1000; until [ -e go ]; do sleep 0.1; done; exit 3';
  const { ref } = await first.create({ command: ['sh', '-c', script] });
  await first.engine.start(ref);
  await run(first.engine, ref, ['touch', 'go']);
  await until('its exit code', () => existsSync(pathsOf(ref).exit));
  const looking = second.engine.inspect(ref);
  await asked.promise;
  await first.engine.start(ref);
  told.resolve();
  expect((await looking).state).toBe('running');
  expect((await first.engine.inspect(ref)).state).toBe('running');
  expect(tidied).toBe(0);
});

it('knows that nothing survives the boot of the machine', async () => {
  await using test = await createTestEngine(home);
  const { ref } = await test.running();
  const { manifest: path } = sandboxPaths(home, 'process', manifestSchema.shape.id.parse(ref));
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify({ ...manifest, boot: 'an earlier one' }));
  expect(await test.engine.inspect(ref)).toMatchObject({ state: 'stopped', exit: { code: null, signal: null } });
});

it('leaves sandboxes of another owner, and damaged ones, alone', async () => {
  await using test = await createTestEngine(home);
  const [theirs, damaged, ours] = [await test.create(), await test.create(), await test.create()];
  const path = pathsOf(theirs.ref).manifest;
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify({ ...manifest, owner: 'somebody else' }));
  await damage(pathsOf(damaged.ref).manifest);
  await damage(pathsOf(damaged.ref).manifestCopy);
  expect((await test.engine.list()).map(({ ref }) => ref)).toEqual([ours.ref]);
  await expect(test.engine.inspect(theirs.ref)).rejects.toMatchObject({ code: 'not_found' });
  await expect(test.engine.inspect(damaged.ref)).rejects.toMatchObject({ code: 'internal' });
  await test.engine.destroy(damaged.ref);
  await expect(test.engine.inspect(damaged.ref)).rejects.toMatchObject({ code: 'not_found' });
});

it.each([
  ['damaged', damage],
  ['lost', (path: string) => rm(path)],
])('knows a sandbox whose manifest is %s by its copy', async (_how, harm) => {
  await using test = await createTestEngine(home);
  const marker = uniqueSleep();
  const { ref } = await test.running({ command: ['sleep', marker] });
  await harm(pathsOf(ref).manifest);
  await using next = await createTestEngine(home);
  expect(await next.engine.list()).toMatchObject([{ ref, state: 'running' }]);
  await next.engine.stop(ref, 100);
  expect(await processesWith(marker)).toEqual([]);
  expect(manifestSchema.parse(JSON.parse(await readFile(pathsOf(ref).manifest, 'utf8'))).state).toBe('stopped');
});

it('ends all that runs in a sandbox of which nothing can be read', async () => {
  await using test = await createTestEngine(home);
  const [named, nameless] = [uniqueSleep(), uniqueSleep()];
  const script = `setsid env -i /bin/sleep ${nameless} & exec sleep ${named}`;
  const { ref } = await test.running({ command: ['sh', '-c', script] });
  for (const marker of [named, nameless]) {
    await until('it to run', async () => (await processesWith(marker)).length > 0);
  }
  await damage(pathsOf(ref).manifest);
  await damage(pathsOf(ref).manifestCopy);
  await test.engine.destroy(ref);
  for (const marker of [named, nameless]) expect(await processesWith(marker)).toEqual([]);
});

it('works for an ordinary user without a name', async () => {
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot ? NOBODY_IN_PARTICULAR : (process.getuid?.() ?? 0);
  if (isRoot) await chown(home, uid, uid);
  await chmod(home, 0o700);
  const child = startHost('do everything once', ...(isRoot ? [String(uid)] : []));
  if (!child.stdout) throw new Error('no output');
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const steps = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(steps).toEqual([
    { stdout: `${uid}\n40\n` },
    { pids: 1, readsDisk: true },
    { exit: { code: 5, signal: null }, output: '24 80\r\n' },
    { entered: 'The working directory it may not be entered by you.' },
    { entered: 'The working directory it may not be entered by you.' },
    { state: 'stopped' },
    { left: 0 },
  ]);
  expect(child.exitCode).toBe(0);
});

it('leaves a tool that a living host runs in a stopped sandbox alone, and ends that of a dead one', async () => {
  await using test = await createTestEngine(home);
  const [mine, dead] = [uniqueSleep(), uniqueSleep()];
  const { ref } = await test.create();
  const manifest = manifestSchema.parse(await test.engine.inspectRaw(ref));
  const sandbox = { id: manifest.id, paths: pathsOf(ref), manifest };
  const controller = new AbortController();
  const runTool = createToolRunner(process.platform);
  const request = { env: {}, cwd: '/', signal: controller.signal };
  const running = runTool(sandbox, { ...request, argv: ['/bin/sleep', mine] }).catch((error: unknown) => error);
  await until('it to run', async () => (await processesWith(mine)).length === 1);

  const killed = startHost('run a tool and wait to be killed', `${ref},${dead}`);
  await firstLine(killed);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await processesWith(dead)).toHaveLength(1);
  await using next = await createTestEngine(home);
  await next.engine.list();
  await until('the dead one to be gone', async () => (await processesWith(dead)).length === 0);
  expect(await processesWith(mine)).toHaveLength(1);
  controller.abort(new Error('enough'));
  expect(await running).toBe(controller.signal.reason);
  expect(await processesWith(mine)).toEqual([]);
});
