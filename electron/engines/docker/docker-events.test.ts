import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EngineChange } from '../engine.ts';
import { sh, until } from '../engine-contract/fixture.ts';
import { connectTo } from '../oci/connection.ts';
import { dockerDialect } from '../oci/docker-dialect.ts';
import { watchContainers } from '../oci/watch.ts';
import { findEndpoint } from './endpoint.ts';
import {
  type Bench,
  createBench,
  createDaemonProxy,
  createTestEngine,
  describeDocker,
  docker,
  IMAGE,
} from './test-support.ts';

/** "Within a second", as the list must follow what is done outside. */
const SOON_MS = 1000;

await describeDocker('docker: what others do', () => {
  let bench: Bench;
  const foreign = `terrarium-test-${randomBytes(6).toString('hex')}`;
  beforeAll(async () => {
    bench = await createBench();
  });
  afterEach(async () => {
    await docker('rm', '-f', '-v', foreign);
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

  it('sees foreign containers come, change and go within a second', async () => {
    const { changes, controller, ended, saw } = await watch();
    await docker('run', '-d', '--name', foreign, '--network', 'none', IMAGE, 'sleep', '1000');
    await until('the start', () => saw('running'), SOON_MS);
    await docker('pause', foreign);
    await until('the pause', () => saw('paused'), SOON_MS);
    await docker('unpause', foreign);
    await docker('kill', foreign);
    await until('the end', () => saw('stopped'), SOON_MS);
    await docker('rm', foreign);
    await until('the removal', () => changes.some(({ type }) => type === 'removed'), SOON_MS);
    controller.abort();
    await ended;
  });

  it('does not bring back what was removed while it was being looked at', async () => {
    const endpoint = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
    const client = connectTo(endpoint, { engine: 'Docker', dialect: dockerDialect, log: pino({ enabled: false }) });
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const inspect = async (ref: string) => {
      const object = await bench.engine.inspect(ref);
      if (object.name === foreign && object.state === 'stopped') {
        asked.resolve();
        await answer.promise;
      }
      return object;
    };
    const controller = new AbortController();
    const ready = Promise.withResolvers<void>();
    const told: string[] = [];
    const watching = (async () => {
      const options = { client, inspect, signal: controller.signal, onReady: ready.resolve };
      for await (const change of watchContainers(options)) {
        told.push(`${change.type} ${change.type === 'changed' ? change.object.ref : change.ref}`);
      }
    })();
    await ready.promise;
    const ref = await docker('run', '-d', '--name', foreign, '--network', 'none', IMAGE, 'sleep', '1000');
    await docker('kill', foreign);
    await asked.promise;
    await docker('rm', foreign);
    await until('the removal', () => told.includes(`removed ${ref}`));
    answer.resolve();
    const later = await bench.create();
    await until('what comes after', () => told.includes(`changed ${later.ref}`));
    expect(told.filter((each) => each.endsWith(ref)).at(-1)).toBe(`removed ${ref}`);
    controller.abort();
    await watching;
    client.dispose();
  });

  it('lists, inspects and enters foreign containers', async () => {
    await docker('run', '-d', '--name', foreign, '--network', 'none', '-v', '/workspace', IMAGE, 'sleep', '1000');
    const object = (await bench.engine.list()).find(({ name }) => name === foreign);
    expect(object).toMatchObject({ owned: null, state: 'running', source: IMAGE, workspace: null });
    const ref = object?.ref ?? '';
    expect(await bench.engine.inspectRaw(ref)).toMatchObject({ Name: `/${foreign}` });
    let text = '';
    const io = {
      signal: new AbortController().signal,
      onOutput: (_stream: string, chunk: Uint8Array) => {
        text += Buffer.from(chunk).toString();
      },
    };
    expect(await bench.engine.exec(ref, { argv: sh('echo inside'), env: {} }, io)).toMatchObject({ code: 0 });
    expect(text).toBe('inside\n');
  });

  it('takes containers of another Terrarium for foreign', async () => {
    const object = await bench.create();
    const other = createTestEngine('somebody else');
    const seen = (await other.list()).find(({ ref }) => ref === object.ref);
    expect(seen).toMatchObject({ owned: null, name: object.name });
    await other.dispose();
  });

  it('says that the daemon is gone, and works again when it is back', async () => {
    const proxy = await createDaemonProxy();
    const engine = createTestEngine('behind a proxy', proxy.env);
    try {
      expect((await engine.probe()).status).toBe('available');
      const { ref } = await bench.running();
      const { ended } = await watch(engine);
      const terminal = await engine.openConsole(ref, { argv: ['sh'], cols: 80, rows: 24 });
      terminal.onOutput(() => undefined);
      const running = engine.exec(
        ref,
        { argv: ['sleep', '1000'], env: {} },
        { signal: new AbortController().signal, onOutput: () => undefined },
      );
      const failed = expect(running).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });

      await proxy.close();
      await expect(ended).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      await failed;
      expect(await terminal.exited).toEqual({ code: null, signal: null });
      await expect(engine.list()).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      await expect(engine.start(ref)).rejects.toMatchObject({ name: 'AppError', code: 'engine_unavailable' });
      expect(await engine.probe()).toMatchObject({
        status: 'unreachable',
        reason: expect.stringContaining('DOCKER_HOST'),
        hint: expect.stringContaining('Start'),
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
});
