import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTerminal, run, sh, until } from '../engine-contract/fixture.ts';
import { becomeUser, findTestPodman, userPodman } from './test-podman.ts';
import { type Bench, createBench, createUserEngine, describePodman } from './test-support.ts';

// From here on all of this, engine and service included, is an ordinary user's.
const found = await findTestPodman();
if (typeof found !== 'string') becomeUser(found);
const { limits, features } = (typeof found === 'string' ? null : await look(found)) ?? {};

await describePodman(
  'podman: for an ordinary user, where nobody has started anything',
  (podman) => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await createBench(podman, createUserEngine);
    });
    afterEach(() => bench.clear());
    afterAll(() => bench.dispose());

    const output = async (ref: string, script: string) => {
      const { stdout, stderr } = await run(bench.engine, ref, sh(script));
      return (stdout.toString() + stderr.toString()).trim();
    };
    /** Services whose socket is in this test's own state folder. */
    const services = (home = bench.home) =>
      readdirSync('/proc').filter((name) => {
        if (!/^\d+$/.test(name)) return false;
        try {
          const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
          return line.includes('system\0service') && line.includes(home);
        } catch {
          return false; // it has just ended
        }
      });

    it('is rootless, served from its own state folder', async () => {
      expect(process.getuid?.()).not.toBe(0);
      const report = await bench.engine.probe();
      expect(report).toMatchObject({
        status: 'available',
        facts: {
          mode: 'rootless',
          from: 'started by Terrarium',
          socket: expect.stringContaining(`${bench.home}/podman/`),
        },
      });
      const folder = await stat(join(bench.home, 'podman'));
      expect(folder.mode & 0o777).toBe(0o700);
    });

    it('starts the service again when it was killed', async () => {
      const { ref } = await bench.running();
      const controller = new AbortController();
      const ready = Promise.withResolvers<void>();
      const watching = (async () => {
        for await (const _change of bench.engine.watch(controller.signal, ready.resolve));
      })();
      const broken = expect(watching).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      await ready.promise;
      const before = services();
      expect(before).not.toEqual([]);
      for (const pid of before) process.kill(Number(pid), 'SIGKILL');
      await broken;
      expect((await bench.engine.probe()).reason).toBe(null);
      expect((await bench.engine.inspect(ref)).state).toBe('running');
      expect(await output(ref, 'echo still here')).toBe('still here');
      expect(services().filter((pid) => before.includes(pid))).toEqual([]);
    });

    it('stays with its service when the socket unit is switched on meanwhile', async () => {
      const { ref } = await bench.running();
      const terminal = await openTerminal(bench.engine, ref, { argv: ['sh'] });
      const folder = join(podman.user.env.XDG_RUNTIME_DIR ?? '', 'podman');
      await mkdir(folder, { recursive: true });
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, 'podman.sock'), resolve));
      try {
        expect((await bench.engine.probe()).facts.from).toBe('started by Terrarium');
        terminal.console.write('echo still$((1+1))\r');
        await terminal.waitFor('still2');
      } finally {
        await new Promise((resolve) => server.close(resolve));
        await terminal.console.kill();
      }
    });

    it('ends the service with the engine, and leaves the sandbox running', async () => {
      const home = await mkdtemp(join(tmpdir(), 'terrarium-podman-end-'));
      const engine = createUserEngine(podman, 'ending', home);
      const { ref } = await bench.running();
      expect((await engine.inspect(ref)).state).toBe('running');
      expect(services(home)).not.toEqual([]);
      await engine.dispose();
      await until('the service to be gone', () => services(home).length === 0);
      expect(await readdir(join(home, 'podman'))).toEqual([]);
      expect((await bench.engine.inspect(ref)).state).toBe('running');
      await rm(home, { recursive: true });
    });

    it('ends the service when the host is killed', async () => {
      const home = await mkdtemp(join(tmpdir(), 'terrarium-podman-kill-'));
      const module = new URL('./podman-engine.ts', import.meta.url).href;
      const script = `
      import { createPodmanEngine } from ${JSON.stringify(module)};
      const engine = createPodmanEngine({ owner: 'killed', state: ${JSON.stringify(home)} });
      console.log((await engine.probe()).status);
      setInterval(() => undefined, 1000);
    `;
      const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface(host.stdout)) {
        expect(line).toBe('available');
        break;
      }
      expect(services(home)).not.toEqual([]);
      host.kill('SIGKILL');
      await until('the service to be gone', () => services(home).length === 0);
      await rm(home, { recursive: true });
    });

    it('gives a trusted sandbox’s workspace back, whoever owns what is in it', async () => {
      const { ref, workspace } = await bench.running({ profile: 'trusted' });
      await output(ref, 'mkdir -p a/b && touch a/b/c && chown -R 1000:1000 a && chmod 700 a');
      expect((await stat(join(workspace ?? '', 'a'))).uid).not.toBe(process.getuid?.());
      await bench.engine.destroy(ref);
      expect((await stat(join(workspace ?? '', 'a/b/c'))).uid).toBe(process.getuid?.());
      await rm(workspace ?? '', { recursive: true });
    });

    it('publishes ports on 127.0.0.1, and does not reach what listens there', async () => {
      const serve = ['httpd', '-f', '-p', '8080', '-h', '/etc'];
      const { ref, ports } = await bench.running({
        network: { mode: 'full' },
        command: serve,
        ports: [{ port: 8080 }],
      });
      const url = `http://127.0.0.1:${ports[0]?.hostPort}/passwd`;
      const text = () =>
        fetch(url).then(
          (response) => response.text(),
          () => '',
        );
      await until('the program to answer', async () => (await text()).includes('root'));
      // slirp4netns has this machine's loopback at 10.0.2.2 unless it is told not to.
      const script = `echo | nc -w 2 10.0.2.2 ${ports[0]?.hostPort} && echo reached || echo refused`;
      expect(await output(ref, script)).toContain('refused');
    });

    it('holds limits on files and CPU time without any cgroup', async () => {
      const limits = { openFiles: 64, fileSizeBytes: 1024 * 1024, cpuTimeMs: 2000 };
      const { ref } = await bench.running({ limits, allowBestEffort: true });
      expect(await output(ref, 'ulimit -n; ulimit -f; ulimit -t')).toBe('64\n2048\n2');
    });

    describe.runIf(limits?.memoryBytes.support === 'unsupported')('on cgroup v1', () => {
      it('refuses limits that would not hold, and says why', async () => {
        for (const [name, value] of [
          ['memoryBytes', 64 * 1024 * 1024],
          ['processes', 20],
          ['cpuCores', 1],
        ] as const) {
          await expect(bench.create({ limits: { [name]: value }, allowBestEffort: true })).rejects.toMatchObject({
            code: 'unsupported',
            message: expect.stringContaining('cgroup v1'),
            details: { field: `limits.${name}` },
          });
        }
      });

      it('refuses to pause and to change limits', async () => {
        const { ref } = await bench.running();
        const refusal = { code: 'unsupported', message: expect.stringContaining('cgroup v1') };
        await expect(bench.engine.pause(ref)).rejects.toMatchObject(refusal);
        await expect(bench.engine.updateLimits(ref, { memoryBytes: 64 * 1024 * 1024 })).rejects.toMatchObject(refusal);
      });

      it('counts what its processes use all the same', async () => {
        const { ref } = await bench.running({ command: ['sh', '-c', 'while :; do :; done'] });
        const cpu = async () => (await bench.engine.sample([ref])).get(ref)?.cpuNs ?? 0;
        await until('CPU time', async () => (await cpu()) > 200e6);
        expect((await bench.engine.sample([ref])).get(ref)).toMatchObject({ memoryLimitBytes: null });
      });
    });

    describe.runIf(features?.userns.support === 'enforced')('user namespaces', () => {
      const mapping = async (ref: string) => (await output(ref, 'cat /proc/self/uid_map')).replace(/ +/g, ' ').trim();

      it('keep-id is this user by number inside as well', async () => {
        const { ref, workspace } = await bench.running({ userns: 'keep-id' });
        expect(await output(ref, 'id -u')).toBe(String(process.getuid?.()));
        await output(ref, 'touch mine');
        expect((await stat(join(workspace ?? '', 'mine'))).uid).toBe(process.getuid?.());
      });

      it.each(['auto', 'nomap'] as const)('%s leaves this user out of the sandbox', async (userns) => {
        const { ref, workspace } = await bench.running({ userns });
        // Outside, as the container's parent namespace counts, 0 is this user.
        for (const row of (await mapping(ref)).split('\n')) expect(Number(row.trim().split(' ')[1])).toBeGreaterThan(0);
        await output(ref, 'mkdir -m 700 theirs && touch theirs/file');
        const owner = (await stat(join(workspace ?? '', 'theirs'))).uid;
        expect(owner).not.toBe(process.getuid?.());
        await bench.engine.destroy(ref);
        await rm(workspace ?? '', { recursive: true });
      });

      it('auto gives two sandboxes different ids', async () => {
        const [one, two] = [await bench.running({ userns: 'auto' }), await bench.running({ userns: 'auto' })];
        expect(await mapping(one.ref)).not.toBe(await mapping(two.ref));
      });
    });

    it('shares its containers with the user’s own podman command', async () => {
      const { ref, name } = await bench.running();
      expect(await userPodman('ps', '--filter', `id=${ref}`, '--format', '{{.Names}}')).toBe(name);
      await promisify(execFile)('podman', ['stop', '--time', '0', ref]);
      expect((await bench.engine.inspect(ref)).state).toBe('stopped');
    });
  },
  found,
);

async function look(podman: Exclude<typeof found, string>) {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-podman-look-'));
  const engine = createUserEngine(podman, 'look', home);
  try {
    return (await engine.probe()).capabilities;
  } finally {
    await engine.dispose();
    await rm(home, { recursive: true, force: true });
  }
}
