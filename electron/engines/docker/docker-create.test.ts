import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { run, sh, until } from '../engine-contract/fixture.ts';
import { type Bench, createBench, describeDocker, PORT_RANGE } from './test-support.ts';

const MIB = 1024 * 1024;
const rawSchema = z.object({ Config: z.looseObject({}), HostConfig: z.looseObject({}), State: z.looseObject({}) });

await describeDocker('docker: what is made', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.dispose());

  const owned = async () => (await bench.engine.list()).filter((object) => object.owned !== null);
  const inspect = async (ref: string) => rawSchema.parse(await bench.engine.inspectRaw(ref));
  const output = async (ref: string, script: string) => {
    const { stdout, stderr } = await run(bench.engine, ref, sh(script));
    return (stdout.toString() + stderr.toString()).trim();
  };

  describe('standard', () => {
    it('has every protection in its final configuration', async () => {
      const { ref } = await bench.create({
        limits: { memoryBytes: 64 * MIB, cpuCores: 0.5, processes: 50, openFiles: 256 },
      });
      const { HostConfig, Config } = await inspect(ref);
      expect(HostConfig).toMatchObject({
        CapDrop: ['ALL'],
        CapAdd: null,
        SecurityOpt: ['no-new-privileges'],
        ReadonlyRootfs: true,
        Privileged: false,
        NetworkMode: 'none',
        Memory: 64 * MIB,
        MemorySwap: 64 * MIB,
        NanoCpus: 500_000_000,
        PidsLimit: 51,
        PidMode: '',
        UTSMode: '',
        IpcMode: 'private',
        CgroupnsMode: 'private',
        Init: true,
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
        Ulimits: [{ Name: 'nofile', Soft: 256, Hard: 256 }],
      });
      expect(Config.User).not.toBe('0:0');
      expect(Config.User).toMatch(/^\d+:\d+$/);
    });

    it('holds them inside', async () => {
      const { ref } = await bench.running();
      expect(await output(ref, 'id -u')).not.toBe('0');
      expect(
        await output(ref, 'grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status | tr -s "\\t" " "'),
      ).toBe('CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2');
      expect(await output(ref, 'touch /file 2>&1')).toContain('Read-only file system');
      expect(await output(ref, 'touch /tmp/a /run/a /workspace/b && pwd && echo $HOME')).toBe('/workspace\n/workspace');
      expect(await output(ref, 'ls /sys/class/net')).toBe('lo');
      expect(await output(ref, 'cat /proc/self/cgroup')).not.toContain(ref);
      expect(await output(ref, 'dd if=/dev/zero of=/tmp/full bs=1M count=300 2>&1')).toContain('No space left');
    });

    it('limits processes, open files and file sizes', async () => {
      const { ref } = await bench.running({ limits: { processes: 12, openFiles: 64, fileSizeBytes: MIB } });
      expect(await output(ref, 'ulimit -n')).toBe('64');
      expect(await output(ref, 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do sleep 5 & done 2>&1')).toMatch(
        /can.t fork|Resource temporarily/,
      );
      const { exit } = await run(bench.engine, ref, sh('head -c 2000000 /dev/zero > big'));
      expect(exit.code).not.toBe(0);
    });

    it('says so when it ran out of memory', async () => {
      const hold = 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); sleep 1; echo $x > /dev/null';
      const { ref } = await bench.running({
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
    });
  });

  it('trusted leaves the image’s user and its root as they are, and still shares nothing of this machine', async () => {
    const { ref } = await bench.running({ profile: 'trusted' });
    expect(await output(ref, 'id -u; touch /file && echo written; touch note && echo kept')).toBe('0\nwritten\nkept');
    const { HostConfig } = await inspect(ref);
    expect(HostConfig).toMatchObject({ Privileged: false, PidsLimit: 4096, NetworkMode: 'none', PidMode: '' });
  });

  it('strict runs nothing from /tmp, and refuses a network', async () => {
    const { ref } = await bench.running({ profile: 'strict' });
    const copied = await output(ref, 'cp /bin/busybox /tmp/busybox && /tmp/busybox true 2>&1');
    expect(copied).toContain('Permission denied');
    await expect(bench.create({ profile: 'strict', network: { mode: 'full' } })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'network' },
    });
  });

  it('shows a mount inside', async () => {
    const { ref } = await bench.running({ mounts: [{ hostPath: '/etc/hostname', path: '/data/name' }] });
    expect(await output(ref, 'touch /data/name 2>&1; test -s /data/name && echo there')).toMatch(
      /Read-only[\s\S]*there/,
    );
  });

  it('refuses what it cannot enforce before anything is made', async () => {
    await expect(bench.create({ limits: { diskBytes: 10 * MIB, fuel: 5 } })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'limits.diskBytes', refusals: [{ field: 'limits.diskBytes' }, { field: 'limits.fuel' }] },
    });
    expect(await owned()).toEqual([]);
  });

  it('refuses more cores than this machine has, and says how many there are', async () => {
    const { length } = cpus();
    await expect(bench.create({ limits: { cpuCores: length + 1 } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${length} CPU cores`),
      details: { field: 'limits.cpuCores' },
    });
  });

  it('offers the pull of an image that is not there', async () => {
    const reference = 'terrarium-test/not-there:1';
    await expect(bench.create({ source: { type: 'image', reference } })).rejects.toMatchObject({
      code: 'not_found',
      details: { image: reference, canPull: true },
    });
  });

  describe('ports', () => {
    const full = { network: { mode: 'full' as const } };
    const serve = ['httpd', '-f', '-p', '8080', '-h', '/etc'];

    it('are published on 127.0.0.1 only, and reach the program', async () => {
      const { ref, ports } = await bench.running({ ...full, command: serve, ports: [{ port: 8080 }] });
      expect(ports).toHaveLength(1);
      expect(ports[0]).toMatchObject({ port: 8080, hostIp: '127.0.0.1', protocol: 'tcp' });
      const url = `http://127.0.0.1:${ports[0]?.hostPort}/passwd`;
      const text = () =>
        fetch(url).then(
          (response) => response.text(),
          () => '',
        );
      await until('the program to answer', async () => (await text()).includes('root'));
      expect((await bench.engine.inspect(ref)).ports).toEqual(ports);
    });

    it('do not clash: with what is bound, with each other, with what is stopped', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(PORT_RANGE.first, '127.0.0.1', resolve));
      try {
        const wanted = { ...full, ports: [{ port: 1 }, { port: 2 }, { port: 2, protocol: 'udp' as const }] };
        const made = [...(await Promise.all([bench.create(wanted), bench.create(wanted)])), await bench.create(wanted)];
        const keys = made.flatMap(({ ports }) => ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`));
        expect(new Set(keys).size).toBe(9);
        expect(keys).not.toContain(`${PORT_RANGE.first}/tcp`);
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    });

    it('that are taken are refused by number', async () => {
      const hostPort = PORT_RANGE.last;
      await bench.create({ ...full, ports: [{ port: 1, hostPort }] });
      await expect(bench.create({ ...full, ports: [{ port: 80 }, { port: 1, hostPort }] })).rejects.toMatchObject({
        code: 'conflict',
        details: { field: 'ports.1.hostPort', hostPort },
      });
    });

    it('that were taken in the meantime are named when it starts', async () => {
      const { ref, ports } = await bench.create({ ...full, ports: [{ port: 1 }] });
      const hostPort = ports[0]?.hostPort ?? 0;
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(hostPort, '127.0.0.1', resolve));
      await expect(bench.engine.start(ref)).rejects.toMatchObject({ code: 'conflict', details: { hostPort } });
      await new Promise((resolve) => server.close(resolve));
      expect(await bench.engine.start(ref)).toMatchObject({ state: 'running', ports });
    });

    it('are refused without a network', async () => {
      await expect(bench.create({ ports: [{ port: 1 }] })).rejects.toMatchObject({ code: 'unsupported' });
    });
  });

  it('changes CPU, memory and processes while it runs, and nothing else', async () => {
    const { ref } = await bench.running({ limits: { memoryBytes: 64 * MIB, openFiles: 100 } });
    await bench.engine.updateLimits(ref, { memoryBytes: 128 * MIB, cpuCores: 0.25, processes: 77, openFiles: 100 });
    expect((await inspect(ref)).HostConfig).toMatchObject({
      Memory: 128 * MIB,
      MemorySwap: 128 * MIB,
      NanoCpus: 250_000_000,
      PidsLimit: 78,
    });
    expect((await bench.engine.sample([ref])).get(ref)?.memoryLimitBytes).toBe(128 * MIB);
    await expect(bench.engine.updateLimits(ref, { openFiles: 200 })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'limits.openFiles' },
    });
  });

  it('leaves nothing when it is cancelled on the way', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const task = { signal: controller.signal, progress: () => controller.abort(reason) };
    await expect(bench.create({}, task)).rejects.toBe(reason);
    expect(await owned()).toEqual([]);
  });
});
