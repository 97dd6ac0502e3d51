import { homedir } from 'node:os';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../engine-contract/describe-unless.ts';
import { run, sh, until } from '../engine-contract/fixture.ts';
import { connectTo } from '../oci/connection.ts';
import { dockerDialect } from '../oci/docker-dialect.ts';
import { createMarker } from '../oci/exec-kill.ts';
import { proveRuntime } from '../oci/runtime-proof.ts';
import { findEndpoint } from './endpoint.ts';
import { available, type Bench, createBench, createTestEngine, docker, lacksRuntime } from './test-support.ts';

const INIT = '/sbin/docker-init';

describeUnless((await available()) ?? (await lacksRuntime('runsc')), 'docker: gVisor as a runtime', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
  });
  afterAll(() => bench.dispose());

  const client = () => {
    const endpoint = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
    return connectTo(endpoint, { engine: 'Docker', dialect: dockerDialect, log: pino({ enabled: false }) });
  };
  const helpers = async () => [
    await docker('ps', '--all', '--quiet', '--filter', 'label=dev.terrarium.helper=probe'),
    await docker('images', '--all', '--quiet', '--filter', 'label=dev.terrarium.helper=probe'),
  ];

  it('is proven by a container that leaves nothing behind', async () => {
    const connection = client();
    try {
      expect(await proveRuntime(connection, 'runsc', INIT)).toBeNull();
      expect(await proveRuntime(connection, 'runc', INIT)).toBeNull();
      expect(await proveRuntime(connection, 'no-such-runtime', INIT)).toContain('no-such-runtime');
      expect(await proveRuntime(connection, 'runsc', '/no/such/program')).not.toBeNull();
      // Another test's trial may be under way.
      await until('nothing to be left', async () => (await helpers()).every((text) => text === ''));
    } finally {
      connection.dispose();
    }
  });

  it('is what really runs the sandbox', async () => {
    const { ref } = await bench.running({ runtime: 'runsc' });
    expect((await run(bench.engine, ref, ['dmesg'])).stdout.toString()).toContain('gVisor');
    const usual = await bench.running();
    expect((await run(bench.engine, usual.ref, ['dmesg'])).stdout.toString()).not.toContain('gVisor');
  });

  it('refuses what it cannot hold, with the reason', async () => {
    for (const [field, spec] of [
      ['limits.processes', { limits: { processes: 200 } }],
      ['network', { network: { mode: 'full' as const } }],
    ] as const) {
      await expect(bench.create({ runtime: 'runsc', ...spec })).rejects.toMatchObject({
        code: 'unsupported',
        details: { field },
      });
    }
    await expect(bench.create({ runtime: 'kata' })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'runtime' },
    });
  });

  it('ends what a host that died left running, and nothing else', async () => {
    const owner = 'of a host that died';
    const first = await createBench(createTestEngine(owner));
    try {
      const { ref } = await first.running({ runtime: 'runsc' });
      const { value } = createMarker(`test ${owner}`);
      // No process has had the number 0.
      const dead = value.replace(/\.\d+\.\d+\./, '.0.1.');
      await docker('exec', '--detach', '--env', `TERRARIUM_EXEC=${dead}`, ref, 'sleep', '1111');
      await docker('exec', '--detach', '--env', `TERRARIUM_EXEC=${value}`, ref, 'sleep', '2222');
      const second = createTestEngine(owner);
      try {
        await second.list();
        const left = async () => (await run(second, ref, sh('cat /proc/[0-9]*/cmdline'))).stdout.toString();
        await until('the dead host’s command to be gone', async () => !(await left()).includes('1111'));
        expect(await left()).toContain('2222');
      } finally {
        await second.dispose();
      }
    } finally {
      await first.dispose();
    }
  });

  it('lets go of a sandbox that is destroyed while it is paused', async () => {
    const { ref } = await bench.running({ runtime: 'runsc' });
    await bench.engine.pause(ref);
    const start = performance.now();
    await bench.engine.destroy(ref);
    // The daemon waits 10 s for one that gVisor still calls paused, and leaves its shim for good.
    expect(performance.now() - start).toBeLessThan(8000);
  });

  it('holds its own limits in every profile', async () => {
    for (const profile of ['trusted', 'standard', 'strict'] as const) {
      const { ref } = await bench.running({ runtime: 'runsc', profile });
      const many = await run(bench.engine, ref, sh('for i in $(seq 1 30); do sleep 5 & done; echo many'));
      expect([profile, many.stdout.toString()]).toEqual([profile, 'many\n']);
    }
  });
});
