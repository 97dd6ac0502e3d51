import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { run, sh, until } from '../engine-contract/fixture.ts';
import { monitoredExec } from './exec-monitors.ts';
import { podmanOf } from './test-podman.ts';
import { type Bench, createBench, describePodman } from './test-support.ts';

const MIB = 1024 * 1024;
const rawSchema = z.object({ HostConfig: z.looseObject({}) });

await describePodman('podman: what is made, as root', (podman) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench(podman);
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.dispose());

  const output = async (ref: string, script: string) => {
    const { stdout, stderr } = await run(bench.engine, ref, sh(script));
    return (stdout.toString() + stderr.toString()).trim();
  };

  it('holds every protection inside', async () => {
    const { ref } = await bench.running();
    expect(await output(ref, 'id -u')).not.toBe('0');
    expect(
      await output(ref, 'grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status | tr -s "\\t" " "'),
    ).toBe('CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2');
    expect(await output(ref, 'touch /file 2>&1')).toContain('Read-only file system');
    expect(await output(ref, 'touch /tmp/a /run/a /workspace/b && pwd && echo $HOME')).toBe('/workspace\n/workspace');
    expect(await output(ref, 'touch /var/tmp/a /dev/shm/a 2>&1')).toMatch(/var\/tmp\/a: (?:Read-only|No such file)/);
    expect(await output(ref, 'ls /sys/class/net')).toBe('lo');
    expect(await output(ref, 'cat /proc/self/cgroup')).not.toContain(ref);
    expect(await output(ref, 'dd if=/dev/zero of=/tmp/full bs=1M count=300 2>&1')).toContain('No space left');
  });

  it('has them in its final configuration, as Podman itself tells it', async () => {
    const { ref } = await bench.create({ limits: { memoryBytes: 64 * MIB, cpuCores: 0.5, openFiles: 256 } });
    const [info] = z.array(z.looseObject({})).parse(JSON.parse(await podmanOf(podman, 'container', 'inspect', ref)));
    expect(info).toMatchObject({
      EffectiveCaps: null,
      BoundingCaps: null,
      HostConfig: {
        ReadonlyRootfs: true,
        Privileged: false,
        NetworkMode: 'none',
        CgroupMode: 'private',
        Memory: 64 * MIB,
        MemorySwap: 64 * MIB,
        NanoCpus: 500_000_000,
        PidsLimit: 512,
        Init: true,
        LogConfig: { Type: 'k8s-file', Size: '31.46MB' },
        SecurityOpt: ['no-new-privileges'],
      },
    });
  });

  it('runs a command although the image brings another, with its arguments as they are', async () => {
    const { ref } = await bench.running({ command: ['sh', '-c', 'echo "<$0|$1>"; sleep 1000', 'a b', '$HOME'] });
    const lines: LogLine[] = [];
    await until('its words', async () => {
      lines.length = 0;
      const options = { tail: 10, follow: false, signal: new AbortController().signal };
      for await (const batch of bench.engine.logs(ref, options)) lines.push(...batch);
      return lines.length > 0;
    });
    expect(lines.map(({ text }) => text)).toEqual(['<a b|$HOME>']);
  });

  it('changes CPU, memory and processes while it runs, by Podman’s own API, and nothing else', async () => {
    const { ref } = await bench.running({ limits: { memoryBytes: 64 * MIB, openFiles: 100 } });
    await bench.engine.updateLimits(ref, { memoryBytes: 128 * MIB, cpuCores: 0.25, processes: 77, openFiles: 100 });
    expect((await bench.engine.sample([ref])).get(ref)?.memoryLimitBytes).toBe(128 * MIB);
    expect(await output(ref, 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null')).toBe('78');
    await expect(bench.engine.updateLimits(ref, { openFiles: 200 })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'limits.openFiles' },
    });
  });

  it('knows that it ran out of memory, although Podman does not', async () => {
    const hold = 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); sleep 1; echo $x > /dev/null';
    const { ref, workspace } = await bench.running({
      command: ['sh', '-c', `while [ ! -e go ]; do sleep 1; done; ${hold}`],
      limits: { memoryBytes: 24 * MIB },
    });
    const limits: string[] = [];
    const controller = new AbortController();
    const ready = Promise.withResolvers<void>();
    const watching = (async () => {
      for await (const change of bench.engine.watch(controller.signal, ready.resolve)) {
        if (change.type === 'limit' && change.ref === ref) limits.push(change.limit);
      }
    })();
    await ready.promise;
    await run(bench.engine, ref, sh('touch go'));
    await until('its end', async () => (await bench.engine.inspect(ref)).state === 'stopped');
    await until('the event', () => limits.includes('memoryBytes'));
    controller.abort();
    await watching;
    expect((await bench.engine.inspect(ref)).exit).toMatchObject({ code: 137, limit: 'memoryBytes' });
    // Started again it has not run out of anything yet.
    await rm(join(workspace ?? '', 'go'));
    await bench.engine.start(ref);
    const { state, exit } = await bench.engine.stop(ref, 0);
    expect({ state, limit: exit?.limit }).toEqual({ state: 'stopped', limit: undefined });
  });

  it('keeps lines apart that no newline ended, and puts long ones together', async () => {
    const script = 'echo one; echo two; printf a; sleep 1; head -c 20000 /dev/zero | tr "\\0" x; echo; printf end';
    const { ref } = await bench.running({ command: ['sh', '-c', script] });
    await until('its end', async () => (await bench.engine.inspect(ref)).state === 'stopped');
    const read = async (tail: number, follow: boolean) => {
      const texts: string[] = [];
      const options = { tail, follow, signal: AbortSignal.timeout(10_000) };
      for await (const batch of bench.engine.logs(ref, options)) texts.push(...batch.map(({ text }) => text));
      return texts.map((text) => text.replace(/x+/, (run) => `${run.length} x`));
    };
    expect(await read(100, false)).toEqual(['one', 'two', 'a20000 x', 'end']);
    expect(await read(2, false)).toEqual(['a20000 x', 'end']);
    expect(await read(2, true)).toEqual(['two', 'a20000 x', 'end']);
  });

  it('gives a whole log as it comes, not all of it at the end', async () => {
    const count = 50_000;
    const { ref } = await bench.running({ command: ['seq', String(count)] });
    await until('its end', async () => (await bench.engine.inspect(ref)).state === 'stopped');
    const options = { tail: Number.POSITIVE_INFINITY, since: 0, signal: AbortSignal.timeout(30_000) };
    for (const follow of [false, true]) {
      const batches: (readonly LogLine[])[] = [];
      for await (const batch of bench.engine.logs(ref, { ...options, follow })) batches.push(batch);
      const texts = batches.flat().map(({ text }) => text);
      expect(texts).toHaveLength(count);
      expect(texts.every((text, index) => text === String(index + 1))).toBe(true);
      expect(Math.max(...batches.map(({ length }) => length))).toBeLessThan(count / 2);
    }
  });

  it('leaves no monitor of a command behind', async () => {
    const { ref } = await bench.running();
    for (let count = 0; count < 3; count += 1) await run(bench.engine, ref, ['true']);
    const monitors = () =>
      readdirSync('/proc').filter((name) => {
        if (!/^\d+$/.test(name)) return false;
        try {
          const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
          return line.includes(ref) && monitoredExec(line) !== null;
        } catch {
          return false;
        }
      });
    await until('all to be gone', () => monitors().length === 0);
  });

  describe('with a network', () => {
    it('publishes ports on 127.0.0.1 only, and reaches the program', async () => {
      const serve = ['httpd', '-f', '-p', '8080', '-h', '/etc'];
      const { ref, ports } = await bench.running({
        network: { mode: 'full' },
        command: serve,
        ports: [{ port: 8080 }],
      });
      expect(ports).toMatchObject([{ port: 8080, hostIp: '127.0.0.1', protocol: 'tcp' }]);
      const url = `http://127.0.0.1:${ports[0]?.hostPort}/passwd`;
      const text = () =>
        fetch(url).then(
          (response) => response.text(),
          () => '',
        );
      await until('the program to answer', async () => (await text()).includes('root'));
      expect((await bench.engine.inspect(ref)).ports).toEqual(ports);
    });
  });

  it('offers the pull of an image that is not there', async () => {
    const reference = 'terrarium-test/not-there:1';
    await expect(bench.create({ source: { type: 'image', reference } })).rejects.toMatchObject({
      code: 'not_found',
      details: { image: reference, canPull: true },
    });
  });

  it('refuses what it cannot do before anything is made', async () => {
    await expect(bench.create({ limits: { diskBytes: 10 * MIB } })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(bench.create({ userns: 'keep-id' })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'userns' },
    });
    expect((await bench.engine.list()).filter(({ owned }) => owned !== null)).toEqual([]);
  });

  it('tells what it is in its raw description', async () => {
    const { ref } = await bench.create();
    expect(rawSchema.parse(await bench.engine.inspectRaw(ref)).HostConfig).toMatchObject({ Init: true });
  });
});
