import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openTerminal, processesWith, run, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import {
  type Bench,
  createBench,
  createDaemonProxy,
  createTestEngine,
  type DaemonProxy,
  describeDocker,
} from './test-support.ts';

await describeDocker('docker: a daemon over tcp, whose machine this host cannot see', () => {
  let proxy: DaemonProxy;
  let bench: Bench;
  beforeAll(async () => {
    proxy = await createDaemonProxy('tcp');
    bench = await createBench(createTestEngine('remote', proxy.env));
  });
  afterEach(() => bench.clear());
  afterAll(async () => {
    await bench.dispose();
    await proxy.dispose();
  });

  it('is available, without mounts of this machine’s folders', async () => {
    const { status, facts, capabilities } = await bench.engine.probe();
    expect({ status, from: facts.from }).toEqual({ status: 'available', from: 'DOCKER_HOST' });
    expect(capabilities.features.mounts.support).toBe('unsupported');
    await expect(bench.create({ mounts: [{ hostPath: '/etc', path: '/x' }] })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'mounts' },
    });
  });

  it('gives sandboxes a workspace of their own there', async () => {
    const { ref, workspace } = await bench.running();
    expect(workspace).toBeNull();
    expect((await run(bench.engine, ref, sh('echo kept > note; cat note; pwd'))).stdout.toString()).toBe(
      'kept\n/workspace\n',
    );
  });

  it('samples from the API’s stream', async () => {
    const { ref } = await bench.running();
    const first = (await bench.engine.sample([ref])).get(ref);
    expect(first?.pids).toBeGreaterThanOrEqual(1);
    expect(first?.memoryBytes).toBeGreaterThan(0);
    await run(bench.engine, ref, sh('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'));
    const cpu = async () => (await bench.engine.sample([ref])).get(ref)?.cpuNs ?? 0;
    await until('the counter to rise', async () => (await cpu()) > (first?.cpuNs ?? 0) + 50e6);
    await bench.engine.stop(ref, 0);
    await until('it to be left out', async () => !(await bench.engine.sample([ref])).has(ref));
  });

  it('kills execs and consoles from inside', async () => {
    const { ref } = await bench.running();
    const [exec, apart, shell] = [uniqueSleep(), uniqueSleep(), uniqueSleep()];
    const controller = new AbortController();
    const script = sh(`trap '' TERM; setsid sleep ${apart} & sleep ${exec}`);
    const running = run(bench.engine, ref, script, { signal: controller.signal });
    const failed = expect(running).rejects.toThrow('enough');
    const { console, waitFor } = await openTerminal(bench.engine, ref, { argv: ['sh'] });
    console.write(`sleep ${shell} & echo go$((1+1))\r`);
    await waitFor('go2');
    await until('all to run', async () => {
      const found = await Promise.all([exec, apart, shell].map(processesWith));
      return found.every((pids) => pids.length > 0);
    });
    controller.abort(new Error('enough'));
    await failed;
    await console.kill();
    for (const marker of [exec, apart, shell]) {
      await until(`sleep ${marker} to be gone`, async () => (await processesWith(marker)).length === 0);
    }
  });

  it('says what a main program failed of', async () => {
    const { ref } = await bench.create({ command: ['no-such-program'] });
    await expect(bench.engine.start(ref)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
