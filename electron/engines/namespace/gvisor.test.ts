import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { signalPid } from '../../lib/proc.ts';
import { openTerminal, run, sh, until } from '../engine-contract/fixture.ts';
import { GVISOR } from '../gvisor/capabilities.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

const SECOND = 1000;

await describeNamespace('namespace: gVisor', () => {
  const gvisor = { runtime: GVISOR } as const;
  const say = async (test: Awaited<ReturnType<typeof createTestEngine>>, ref: string, script: string) =>
    (await run(test.engine, ref, sh(script))).stdout.toString().trim();

  it('is what runs the programs, and shows the same files as namespaces do', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    expect(await say(test, ref, 'dmesg')).toContain('gVisor');
    const shown = (await say(test, ref, 'cd /; echo *')).split(' ');
    expect(shown).toEqual(expect.arrayContaining(['bin', 'dev', 'etc', 'proc', 'tmp', 'usr', 'workspace']));
    for (const path of ['/home', '/root', '/boot', '/opt', test.home]) {
      expect([path, await say(test, ref, `[ -e ${path} ] && echo there`)]).toEqual([path, '']);
    }
  });

  it('hides keys and what is denied, and holds what is read-only', async () => {
    const home = await mkdtemp(join(tmpdir(), 'terrarium-user-home-'));
    const before = process.env.HOME;
    process.env.HOME = home;
    try {
      for (const folder of ['.ssh', 'project/private', 'written']) {
        await mkdir(join(home, folder), { recursive: true });
        await writeFile(join(home, folder, 'file'), `in ${folder}\n`);
      }
      await writeFile(join(home, '.npmrc'), 'token\n');
      await using test = await createTestEngine();
      const filesystem = {
        readOnly: [home],
        readWrite: [join(home, 'written')],
        denied: [join(home, 'project/private')],
      };
      const { ref } = await test.running({ ...gvisor, filesystem });
      expect(await say(test, ref, `cat ${home}/.ssh/file ${home}/.npmrc ${home}/project/private/file`)).toBe('');
      expect(await say(test, ref, `echo no > ${home}/new; echo yes > ${home}/written/new`)).toBe('');
      expect(await readFile(join(home, 'written/new'), 'utf8')).toBe('yes\n');
      await expect(readFile(join(home, 'new'))).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      process.env.HOME = before;
      await rm(home, { recursive: true, force: true });
    }
  });

  it('keeps no input for another program: a terminal cannot be typed into', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    const terminal = await openTerminal(test.engine, ref, { argv: ['sh'] });
    // TIOCSTI, see ioctl_tty(2).
    terminal.console.write(`perl -e 'print ioctl(STDIN, 0x5412, my $c = "x") ? "ty" : "re", "ped-or-refused\\n"'\r`);
    await terminal.waitFor('reped-or-refused');
    await terminal.console.kill();
  });

  it('finds programs that lie in memory, which is seen from inside only', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    await run(
      test.engine,
      ref,
      sh('mkdir /tmp/mine; printf "#!/bin/sh\necho mine in \\$PWD\n" > /tmp/mine/tool; chmod +x /tmp/mine/tool'),
    );
    const { stdout } = await run(test.engine, ref, ['./tool'], { workdir: '/tmp/mine' });
    expect(stdout.toString()).toBe('mine in /tmp/mine\n');
  });

  it('is over when gVisor’s kernel is killed, and leaves no process', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running({ ...gvisor, command: ['sleep', '1000'] });
    const pids = await kernelsOf(ref);
    expect(pids.length).toBeGreaterThan(0);
    // The others go with the first.
    for (const pid of pids) signalPid(pid, 'SIGKILL');
    await until('its end', async () => (await test.engine.inspect(ref)).state === 'stopped');
    await until('nothing to be left', async () => (await kernelsOf(ref)).length === 0);
    expect(await test.engine.start(ref)).toMatchObject({ state: 'running' });
    expect(await say(test, ref, 'echo again')).toBe('again');
  });

  it('is started in spite of another host that looks meanwhile for what dead ones have left', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.create(gvisor);
    const starting = test.engine.start(ref);
    await until('its kernel to be there', async () => (await kernelsOf(ref)).length > 0);
    const other = await createTestEngine(test.home);
    await other.engine.list();
    await other.engine.dispose();
    expect(await starting).toMatchObject({ state: 'running' });
    expect(await say(test, ref, 'echo there')).toBe('there');
  });

  it('keeps nothing of a program that is over: its environment may hold secrets', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    await say(test, ref, 'true');
    const terminal = await openTerminal(test.engine, ref, { argv: ['sh'] });
    const left = async () => {
      const names = await readdir(join(test.home, 'sandboxes', ref, 'box', 'bundle'));
      return names.filter((name) => name.startsWith('process-'));
    };
    expect(await left()).toHaveLength(1);
    terminal.console.write('exit\r');
    await terminal.console.exited;
    expect(await left()).toEqual([]);
  });

  it('is taken over by a later host, paused as it is', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    await test.engine.pause(ref);
    const later = await createTestEngine(test.home);
    expect(await later.engine.inspect(ref)).toMatchObject({ state: 'paused' });
    await later.engine.resume(ref);
    expect(await say(later, ref, 'echo on')).toBe('on');
    await later.engine.dispose();
  });

  it('ends within a moment while it is paused, and without a grace that nobody needs', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(gvisor);
    await test.engine.pause(ref);
    const start = performance.now();
    await test.engine.stop(ref, 30 * SECOND);
    expect(performance.now() - start).toBeLessThan(10 * SECOND);
  });

  it.each([
    ['a limit on processes', { limits: { processes: 100 } }, 'limits.processes'],
    ['a network', { network: { mode: 'full' as const } }, 'network'],
    ['writes kept apart', { filesystem: { overlay: true } }, 'filesystem.overlay'],
  ])('refuses %s, before anything is made', async (_what, spec, field) => {
    await using test = await createTestEngine();
    await expect(test.create({ ...gvisor, ...spec })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field },
    });
    expect(await test.engine.list()).toEqual([]);
  });
});

/** Pids of gVisor's kernels and file servers of one sandbox: its id is an argument of theirs. */
async function kernelsOf(id: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const commandLine = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (/^runsc-(?:sandbox|gofer)\0/.test(commandLine) && commandLine.includes(id)) found.push(Number(name));
  }
  return found;
}
