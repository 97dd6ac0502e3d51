import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EngineChange } from '../engine.ts';
import { run, sh, until } from '../engine-contract/fixture.ts';
import { createPodmanEngine } from './podman-engine.ts';
import { IMAGE, podmanOf } from './test-podman.ts';
import { type Bench, createBench, createRootEngine, describePodman } from './test-support.ts';

/** As the list must follow what is done outside; Podman's own commands take longer than the news of them. */
const SOON_MS = 5000;

await describePodman('podman: what others do', (podman) => {
  let bench: Bench;
  const foreign = `terrarium-test-${randomBytes(6).toString('hex')}`;
  const cli = (...args: readonly string[]) => podmanOf(podman, ...args);
  beforeAll(async () => {
    bench = await createBench(podman);
  });
  afterEach(async () => {
    await cli('rm', '--force', '--ignore', '--volumes', '--time', '0', foreign);
    await bench.clear();
  });
  afterAll(() => bench.dispose());

  const watch = async (engine = bench.engine) => {
    const changes: EngineChange[] = [];
    const controller = new AbortController();
    const ready = Promise.withResolvers<void>();
    const ended = (async () => {
      for await (const change of engine.watch(controller.signal, ready.resolve)) changes.push(change);
    })();
    ended.catch(() => undefined); // looked at by whom it concerns
    await Promise.race([ready.promise, ended]);
    const saw = (state: string) =>
      changes.some((each) => each.type === 'changed' && each.object.name === foreign && each.object.state === state);
    return { changes, controller, ended, saw };
  };
  const runForeign = () => cli('run', '-d', '--init', '--name', foreign, '--network', 'none', IMAGE, 'sleep', '1000');

  it('sees foreign containers come, change and go', async () => {
    const { changes, controller, ended, saw } = await watch();
    await runForeign();
    await until('the start', () => saw('running'), SOON_MS);
    await cli('pause', foreign);
    await until('the pause', () => saw('paused'), SOON_MS);
    await cli('unpause', foreign);
    await cli('kill', foreign);
    await until('the end', () => saw('stopped'), SOON_MS);
    await cli('rm', foreign);
    await until('the removal', () => changes.some(({ type }) => type === 'removed'), SOON_MS);
    controller.abort();
    await ended;
  });

  it('lists, inspects and enters foreign containers', async () => {
    await runForeign();
    const object = (await bench.engine.list()).find(({ name }) => name === foreign);
    expect(object).toMatchObject({ owned: null, state: 'running', source: `localhost/${IMAGE}`, workspace: null });
    expect((await run(bench.engine, object?.ref ?? '', sh('echo inside'))).stdout.toString()).toBe('inside\n');
  });

  it('takes containers of another Terrarium for foreign', async () => {
    const object = await bench.create();
    const other = createRootEngine(podman, 'somebody else', bench.home);
    const seen = (await other.list()).find(({ ref }) => ref === object.ref);
    expect(seen).toMatchObject({ owned: null, name: object.name });
    await other.dispose();
  });

  it('knows nothing any more of what was removed outside, and destroying it is done', async () => {
    const { ref } = await bench.running();
    const { changes, controller, ended } = await watch();
    await cli('rm', '--force', '--time', '0', ref);
    await until('the removal', () => changes.some((each) => each.type === 'removed' && each.ref === ref), SOON_MS);
    expect((await bench.engine.list()).some((object) => object.ref === ref)).toBe(false);
    await expect(bench.engine.inspect(ref)).rejects.toMatchObject({ name: 'AppError', code: 'not_found' });
    await bench.engine.destroy(ref);
    controller.abort();
    await ended;
  });

  it('says that the service is gone, and works again when it is back', async () => {
    const proxy = await createProxy(podman.socket);
    const env = { PATH: process.env.PATH, CONTAINER_HOST: `unix://${proxy.path}` };
    const engine = createPodmanEngine({ owner: 'behind a proxy', state: bench.home, env });
    try {
      expect((await engine.probe()).status).toBe('available');
      const { ref } = await bench.running();
      const { ended } = await watch(engine);
      const terminal = await engine.openConsole(ref, { argv: ['sh'], cols: 80, rows: 24 });
      terminal.onOutput(() => undefined);
      const running = run(engine, ref, ['sleep', '1000']);
      const failed = expect(running).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });

      await proxy.close();
      await expect(ended).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      await failed;
      expect(await terminal.exited).toEqual({ code: null, signal: null });
      await expect(engine.list()).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      expect(await engine.probe()).toMatchObject({
        status: 'unreachable',
        reason: expect.stringContaining('CONTAINER_HOST'),
        hint: expect.stringContaining('podman.socket'),
      });

      await proxy.open();
      expect((await engine.probe()).status).toBe('available');
      const again = await watch(engine);
      expect((await engine.inspect(ref)).state).toBe('running');
      again.controller.abort();
      await again.ended;
    } finally {
      await engine.dispose();
      await proxy.dispose();
    }
  });

  it('samples by a call each time what it cannot see, on another machine', async () => {
    const proxy = await createProxy(podman.socket, 'tcp');
    const env = { PATH: process.env.PATH, CONTAINER_HOST: proxy.url() };
    const engine = createPodmanEngine({ owner: 'far away', state: bench.home, env });
    try {
      const { ref } = await bench.running();
      const counters = (await engine.sample([ref])).get(ref);
      expect(counters?.cpuNs).toBeGreaterThan(0);
      expect(counters?.memoryBytes).toBeGreaterThan(0);
      expect(counters?.pids).toBeGreaterThanOrEqual(1);
      expect((await engine.probe()).capabilities.features.mounts.support).toBe('unsupported');
    } finally {
      await engine.dispose();
      await proxy.dispose();
    }
  });
});

/** Stands in front of the real service, so that it can "go away" without harm to other tests. */
async function createProxy(socket: string, how: 'unix' | 'tcp' = 'unix') {
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-proxy-'));
  const path = join(folder, 'podman.sock');
  const sockets = new Set<Socket>();
  const keep = (each: Socket) => {
    sockets.add(each);
    each.on('error', () => each.destroy());
    each.on('close', () => sockets.delete(each));
  };
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: socket, allowHalfOpen: true });
    keep(inner);
    keep(outer);
    inner.pipe(outer).pipe(inner);
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
  });
  const open = () =>
    new Promise<void>((resolve) => {
      if (how === 'unix') server.listen(path, resolve);
      else server.listen(0, '127.0.0.1', resolve);
    });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const each of sockets) each.destroy();
    await closed;
  };
  await open();
  return {
    path,
    url() {
      const address = server.address();
      return `tcp://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    },
    open,
    close,
    async dispose() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
