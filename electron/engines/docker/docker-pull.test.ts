import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PullItem } from '../../../shared/contract/images.ts';
import type { Engine } from '../engine.ts';
import { until } from '../engine-contract/fixture.ts';
import { createTestEngine, describeDocker, describeWith, docker, IMAGE } from './test-support.ts';

/** Debian's package of that name. */
const REGISTRY = 'docker-registry';

await describeDocker('docker: images', () => {
  let engine: Engine;
  beforeAll(() => {
    engine = createTestEngine('images');
  });
  afterAll(() => engine.dispose());

  const pull = async (reference: string, signal = new AbortController().signal) => {
    const items: PullItem[] = [];
    for await (const item of engine.images?.pull(reference, signal) ?? []) items.push(item);
    return items;
  };

  it('lists what is there', async () => {
    const image = (await engine.images?.list())?.find(({ tags }) => tags.includes(IMAGE));
    expect(image?.id).toMatch(/^sha256:/);
    expect(image?.sizeBytes).toBeGreaterThan(100_000);
  });

  it('says that a registry cannot be reached', async () => {
    const port = await freePort();
    await expect(pull(`127.0.0.1:${port}/x/y:1`)).rejects.toMatchObject({ name: 'AppError', code: 'disconnected' });
  });

  describeWith(REGISTRY, 'from a registry', () => {
    let folder: string;
    let registry: ChildProcess;
    let reference: string;
    let address = '';

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'terrarium-registry-'));
      const port = await freePort();
      const config = [
        'version: 0.1',
        'log: { level: error }',
        `storage: { filesystem: { rootdirectory: ${JSON.stringify(folder)} } }`,
        `http: { addr: "127.0.0.1:${port}" }`,
      ];
      await writeFile(join(folder, 'config.yml'), config.join('\n'));
      registry = spawn(REGISTRY, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
      address = `http://127.0.0.1:${port}`;
      const answers = () =>
        fetch(`${address}/v2/`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until('the registry to answer', answers);
      reference = `127.0.0.1:${port}/terrarium/busybox`;
      await pushDistinct(`${reference}:latest`);
    });
    afterAll(async () => {
      const over = once(registry, 'exit');
      registry.kill('SIGTERM');
      await over;
      await docker('image', 'rm', '-f', `${reference}:latest`).catch(() => '');
      await rm(folder, { recursive: true, force: true });
    });

    /** An image whose layer this daemon has nowhere else, so that it is really fetched. */
    const pushDistinct = async (tag: string) => {
      const name = `terrarium-test-${randomBytes(6).toString('hex')}`;
      await docker(
        'run',
        '--name',
        name,
        '--network',
        'none',
        IMAGE,
        'sh',
        '-c',
        'head -c 3000000 /dev/urandom > /big',
      );
      await docker('commit', name, tag);
      await docker('rm', '-v', name);
      await docker('push', tag);
      await docker('image', 'rm', tag);
    };

    it('comes with the progress of each layer, and latest when no tag is named', async () => {
      const items = await pull(reference);
      const layers = items.filter((item) => item.type === 'layer');
      expect(new Set(layers.map(({ layer }) => layer)).size).toBeGreaterThanOrEqual(1);
      expect(layers.some(({ currentBytes, totalBytes }) => (currentBytes ?? 0) > 0 && (totalBytes ?? 0) > 0)).toBe(
        true,
      );
      const last = items.at(-1);
      expect(last).toMatchObject({ type: 'done', image: { tags: [`${reference}:latest`] } });
      expect((await engine.images?.list())?.flatMap(({ tags }) => tags)).toContain(`${reference}:latest`);
    });

    it('is no longer fetched when the pull is cancelled', async () => {
      const { port, dropped, close } = await createSlowRegistry(address);
      await pushDistinct(`${reference}:slow`);
      const controller = new AbortController();
      const reason = new Error('enough');
      const pulling = (async () => {
        const pulled = engine.images?.pull(`127.0.0.1:${port}/terrarium/busybox:slow`, controller.signal);
        for await (const item of pulled ?? []) {
          if (item.type === 'layer' && (item.currentBytes ?? 0) > 0) controller.abort(reason);
        }
      })();
      await expect(pulling).rejects.toBe(reason);
      await dropped;
      await close();
    });

    it('is not found under a wrong tag', async () => {
      await expect(pull(`${reference}:never`)).rejects.toMatchObject({ name: 'AppError', code: 'not_found' });
    });
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Gives what the registry gives, layers so slowly that they never come to an end. */
async function createSlowRegistry(address: string) {
  const dropped = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const answer = async () => {
      const { status, headers, body } = await fetch(`${address}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { accept: request.headers.accept ?? '*/*' },
      });
      response.writeHead(status, Object.fromEntries(headers));
      const length = Number(headers.get('content-length'));
      if (body === null || length < 1_000_000) {
        for await (const chunk of body ?? []) response.write(chunk);
        response.end();
        return;
      }
      const drip = setInterval(() => response.write(Buffer.alloc(16_384)), 100);
      request.socket.once('close', () => {
        clearInterval(drip);
        dropped.resolve();
      });
      await body.cancel();
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, dropped: dropped.promise, close };
}
