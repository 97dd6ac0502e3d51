import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTerminal, processesWith, run, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import type { Launcher } from './launcher.ts';
import { createTestEngine } from './test-support.ts';

it('starts every program the way the launcher says, each in its role', async () => {
  const launcher: Launcher = {
    environment: (_sandbox, env) => ({ ...env, ADDED: 'by the launcher' }),
    launch: (_sandbox, { role, argv, env, workdir }) => ({
      argv: ['/usr/bin/env', `ROLE=${role}`, ...argv],
      env,
      cwd: workdir,
    }),
    shell: () => ({ argv: sh('echo "<$ROLE|$ADDED|$SHELLED>"'), env: { SHELLED: 'yes' } }),
  };
  await using test = await createTestEngine(undefined, launcher);
  const { ref } = await test.running({ command: ['sh', '-c', 'echo "$ROLE|$ADDED"; sleep 1000'] });
  const options = { tail: 10, follow: false, signal: new AbortController().signal };
  const lines = async () => (await Array.fromAsync(test.engine.logs(ref, options))).flat().map(({ text }) => text);
  await until('the line', async () => (await lines()).length > 0);
  expect(await lines()).toEqual(['main|by the launcher']);
  expect((await run(test.engine, ref, sh('echo "$ROLE|$ADDED"'))).stdout.toString()).toBe('exec|by the launcher\n');
  const { console, output } = await openTerminal(test.engine, ref);
  await console.exited;
  expect(output()).toBe('<console|by the launcher|yes>\r\n');
});

it('keeps a holder running, ends it last, and takes its end for the end of the sandbox', async () => {
  const marker = uniqueSleep();
  // Two have it as an argument: the holder and its wrapper. Like the first process of a pid namespace: its end is the end of all others, and TERM would end it.
  await using test = await createTestEngine(undefined, { holder: () => ['/bin/sleep', marker] });
  const { ref, workspace } = await test.running();
  await until('the holder', async () => (await processesWith(marker)).length === 2);

  const goodbye = join(workspace ?? '', 'goodbye');
  const holderAtEnd = `grep -qsx ${marker} /proc/[0-9]*/cmdline -z && touch ${goodbye}`;
  const daemon = `trap '${holderAtEnd}; exit' TERM; touch ready; while :; do sleep 0.05; done`;
  await run(test.engine, ref, sh(`(${daemon}) >/dev/null 2>&1 </dev/null & exit 0`));
  await until('the daemon', () => existsSync(join(workspace ?? '', 'ready')));
  expect(await test.engine.stop(ref, 10_000)).toMatchObject({ state: 'stopped', exit: { code: null, signal: null } });
  expect(existsSync(goodbye)).toBe(true);
  expect(await processesWith(marker)).toEqual([]);

  await test.engine.start(ref);
  await until('the holder', async () => (await processesWith(marker)).length === 2);
  for (const pid of await processesWith(marker)) process.kill(pid, 'SIGKILL');
  await until('the end', async () => (await test.engine.inspect(ref)).state === 'stopped');
});

it('calls the hooks in order, and undoes a creation and a start that fail', async () => {
  const calls: string[] = [];
  let failing = '';
  const hook = (name: string) => async () => {
    calls.push(name);
    if (failing === name) throw new Error(`${name} failed`);
  };
  const launcher = { create: hook('create'), start: hook('start'), ended: hook('ended'), remove: hook('remove') };
  await using test = await createTestEngine(undefined, launcher);
  const { ref } = await test.running();
  expect(calls).toEqual(['create', 'start']);
  await test.engine.stop(ref, 100);
  expect(calls.splice(0)).toEqual(['create', 'start', 'ended']);

  failing = 'start';
  await expect(test.engine.start(ref)).rejects.toThrow('start failed');
  expect(calls.splice(0)).toEqual(['start', 'ended']);
  expect((await test.engine.inspect(ref)).state).toBe('stopped');

  await test.engine.destroy(ref);
  expect(calls.splice(0)).toEqual(['ended', 'remove']);
  failing = 'create';
  await expect(test.create()).rejects.toThrow('create failed');
  expect(calls.splice(0)).toEqual(['create', 'remove']);
  expect(await test.engine.list()).toEqual([]);
});

it('tells why a creation or a start failed, also when what it left cannot be undone', async () => {
  let failing: readonly string[] = [];
  const hook = (name: string) => async () => {
    if (failing.includes(name)) throw new Error(`${name} failed`);
  };
  const launcher = { create: hook('create'), start: hook('start'), ended: hook('ended'), remove: hook('remove') };
  await using test = await createTestEngine(undefined, launcher);
  const { ref } = await test.running({ command: ['sh', '-c', 'exit 7'] });
  const exit = async () => (await test.engine.inspect(ref)).exit;
  await until('the end', async () => (await exit())?.code === 7);

  failing = ['start', 'ended'];
  await expect(test.engine.start(ref)).rejects.toThrow('start failed');
  failing = [];
  expect(await test.engine.inspect(ref)).toMatchObject({ state: 'stopped', exit: { code: 7 } });

  failing = ['create', 'remove'];
  await expect(test.create()).rejects.toThrow('create failed');
  failing = [];
});

it('finds what a failed start has left behind, at the next stop', async () => {
  const marker = uniqueSleep();
  const frozen = { resume: false };
  await using test = await createTestEngine(undefined, {
    started: async () => {
      frozen.resume = true;
      throw new Error('it does not stand');
    },
    async resume() {
      if (frozen.resume) throw new Error('it cannot be thawed');
      return false;
    },
  });
  const { ref } = await test.create({ command: ['sleep', marker] });
  await expect(test.engine.start(ref)).rejects.toThrow('it does not stand');
  // A process that is just becoming another program has no command line for a moment.
  await until('what it left behind', async () => (await processesWith(marker)).length > 0);
  frozen.resume = false;
  await test.engine.stop(ref, 100);
  expect(await processesWith(marker)).toEqual([]);
});

it('changes limits that the host holds itself, and asks no launcher for them', async () => {
  const held = { outputBytes: 4096, diskBytes: 2 * 1024 * 1024, wallTimeMs: 60_000, idleTimeMs: 30_000 };
  await using plain = await createTestEngine();
  const { ref } = await plain.running({ limits: { outputBytes: 2048 }, allowBestEffort: true });
  await plain.engine.updateLimits(ref, held);
  expect((await plain.engine.inspect(ref)).owned?.spec.limits).toEqual(held);
  // One that cannot be changed: none is.
  const mixed = plain.engine.updateLimits(ref, { outputBytes: 8192, openFiles: 64 });
  await expect(mixed).rejects.toMatchObject({ code: 'unsupported' });
  expect((await plain.engine.inspect(ref)).owned?.spec.limits).toEqual(held);

  const asked: unknown[] = [];
  await using test = await createTestEngine(undefined, {
    updateLimits: async (_sandbox, limits) => void asked.push(limits),
  });
  const { ref: other } = await test.running();
  await test.engine.updateLimits(other, held);
  await test.engine.updateLimits(other, { ...held, openFiles: 64 });
  expect(asked).toEqual([{ openFiles: 64 }]);
});

it('changes limits only where the launcher can, and remembers them', async () => {
  await using plain = await createTestEngine();
  const object = await plain.running();
  await expect(plain.engine.updateLimits(object.ref, { openFiles: 64 })).rejects.toMatchObject({ code: 'unsupported' });
  await using test = await createTestEngine(undefined, { updateLimits: async () => undefined });
  const { ref } = await test.running({ limits: { openFiles: 32, fileSizeBytes: 4096 } });
  await test.engine.updateLimits(ref, { openFiles: 64 });
  expect((await test.engine.inspect(ref)).owned?.spec.limits).toEqual({ openFiles: 64, fileSizeBytes: 4096 });
});

it('tells a working directory that is missing from one that may not be entered', async () => {
  await using test = await createTestEngine();
  const { ref, workspace } = await test.running();
  const attempt = (workdir: string) => run(test.engine, ref, ['true'], { workdir });
  await expect(attempt(join(workspace ?? '', 'nowhere'))).rejects.toThrow('is missing');
  await expect(attempt('/etc/passwd')).rejects.toThrow('is not a folder');
  const folder = join(workspace ?? '', 'folder');
  await mkdir(folder);
  expect((await attempt(folder)).exit.code).toBe(0);
  await rm(folder, { recursive: true });
  await symlink('round', join(workspace ?? '', 'round'));
  await expect(attempt(join(workspace ?? '', 'round'))).rejects.toThrow('leads back to itself');
});

it('tells a folder that is missing from one that cannot be looked at', async () => {
  await using test = await createTestEngine();
  const { workspace } = await test.create();
  const attempt = (name: string) => test.create({ source: { type: 'directory', path: join(workspace ?? '', name) } });
  await expect(attempt('nowhere')).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('There is no file or folder'),
  });
  await symlink('round', join(workspace ?? '', 'round'));
  await expect(attempt('round')).rejects.toMatchObject({
    details: { field: 'source.path' },
    message: expect.stringContaining('back to itself'),
  });
});
