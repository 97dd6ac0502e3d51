import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineRef, Task } from '../engine.ts';
import { manifestSchema, sandboxPaths } from './manifest.ts';
import { createNpmStore } from './npm.ts';
import { createPackageLock } from './package-lock.ts';
import { createTestEngine, type TestEngine } from './test-support.ts';
import { createToolRunner } from './tools.ts';

interface Published {
  readonly name: string;
  readonly version: string;
}
const published: readonly Published[] = [
  { name: 'alpha', version: '1.0.0' },
  { name: 'alpha', version: '2.0.0' },
  { name: '@scope/beta', version: '1.5.0' },
];

async function tarball({ name, version }: Published): Promise<Buffer> {
  const tar = pack();
  // The same bytes whenever it is asked for: npm checks.
  tar.entry(
    { name: 'package/package.json', mtime: new Date(0) },
    JSON.stringify({ name, version, description: `The package ${name}` }),
  );
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** A registry of npm with what was published, on the loopback. */
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(request.url ?? '');
  const file = published.find(({ name, version }) => path === `/${name}/-/${version}.tgz`);
  if (file) {
    response.end(await tarball(file));
    return;
  }
  const versions = published.filter(({ name }) => path === `/${name}`);
  response.statusCode = versions.length > 0 ? 200 : 404;
  response.setHeader('content-type', 'application/json');
  if (versions.length === 0) {
    response.end(JSON.stringify({ error: 'Not found' }));
    return;
  }
  const entries = versions.map(async (each) => {
    const integrity = `sha512-${createHash('sha512')
      .update(await tarball(each))
      .digest('base64')}`;
    const dist = { tarball: `${url()}${each.name}/-/${each.version}.tgz`, integrity };
    return [each.version, { ...each, dist }] as const;
  });
  const latest = versions.at(-1)?.version;
  const all = Object.fromEntries(await Promise.all(entries));
  response.end(JSON.stringify({ name: versions[0]?.name, 'dist-tags': { latest }, versions: all }));
});
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

let cache: string;
const before = { ...process.env };
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cache = await mkdtemp(join(tmpdir(), 'terrarium-npm-'));
  process.env.NPM_CONFIG_REGISTRY = url();
  process.env.HOME = cache;
});
afterAll(async () => {
  process.env.HOME = before.HOME;
  Reflect.deleteProperty(process.env, 'NPM_CONFIG_REGISTRY');
  server.closeAllConnections();
  server.close();
  await rm(cache, { recursive: true, force: true });
});

const task: Task = { signal: new AbortController().signal, progress: () => undefined };

function storeOf({ engine, home }: TestEngine) {
  const sandboxOf = async (ref: EngineRef) => {
    const manifest = manifestSchema.parse(await engine.inspectRaw(ref));
    return { id: manifest.id, manifest, paths: sandboxPaths(home, 'process', manifest.id) };
  };
  return createNpmStore({ runTool: createToolRunner(process.platform), lock: createPackageLock(sandboxOf), sandboxOf });
}

it('installs, lists versions, upgrades and uninstalls in the workspace', async () => {
  await using test = await createTestEngine();
  const store = storeOf(test);
  const { ref, workspace } = await test.create();
  const names = async () => (await store.list(ref)).packages.map(({ name, version }) => `${name} ${version}`);
  // A project above must be left alone.
  await writeFile(join(test.home, 'package.json'), '{}');

  const told: string[] = [];
  const telling = { ...task, progress: (line: string) => void told.push(line) };
  await store.install(ref, { requirements: ['alpha@1', '@scope/beta'], fromFile: false }, telling);
  expect(told.join('\n')).toMatch(/added 2 packages/);
  expect((await store.list(ref)).packages).toEqual([
    { name: '@scope/beta', version: '1.5.0', summary: 'The package @scope/beta', location: 'sandbox' },
    { name: 'alpha', version: '1.0.0', summary: 'The package alpha', location: 'sandbox' },
  ]);
  expect(existsSync(join(workspace ?? '', 'node_modules/alpha/package.json'))).toBe(true);
  expect(existsSync(join(test.home, 'node_modules'))).toBe(false);
  expect(await store.versions(ref, 'alpha', task.signal)).toEqual(['2.0.0', '1.0.0']);
  expect(await store.versions(ref, '@scope/beta', task.signal)).toEqual(['1.5.0']);
  await store.upgrade(ref, ['alpha'], task);
  expect(await store.freeze(ref)).toBe('@scope/beta@1.5.0\nalpha@2.0.0\n');
  await store.uninstall(ref, ['alpha'], task);
  expect(await names()).toEqual(['@scope/beta 1.5.0']);
  await rm(join(workspace ?? '', 'node_modules'), { recursive: true });
  expect(await names()).toEqual([]);
  await store.install(ref, { requirements: [], fromFile: true }, task);
  expect(await names()).toEqual(['@scope/beta 1.5.0']);
});

it.each([
  ['one that does not exist', 'delta', { code: 'not_found', details: { package: 'delta' } }],
  ['a version that does not exist', 'alpha@9', { code: 'not_found', details: { package: 'alpha' } }],
])('names the package that is to blame: %s', async (_what, requirement, shape) => {
  await using test = await createTestEngine();
  const { ref } = await test.create();
  const attempt = storeOf(test).install(ref, { requirements: [requirement], fromFile: false }, task);
  await expect(attempt).rejects.toMatchObject(shape);
});

it('says that the registry cannot be reached', async () => {
  await using test = await createTestEngine();
  const { ref } = await test.create();
  process.env.NPM_CONFIG_REGISTRY = 'http://127.0.0.1:1/';
  try {
    const attempt = storeOf(test).install(ref, { requirements: ['alpha'], fromFile: false }, task);
    await expect(attempt).rejects.toMatchObject({ code: 'disconnected', message: '127.0.0.1:1 cannot be reached.' });
  } finally {
    process.env.NPM_CONFIG_REGISTRY = url();
  }
});

it('refuses what is not there, and nothing at all', async () => {
  await using test = await createTestEngine();
  const { ref } = await test.create();
  const store = storeOf(test);
  await expect(store.uninstall(ref, ['alpha'], task)).rejects.toMatchObject({ code: 'not_found' });
  await expect(store.install(ref, { requirements: [], fromFile: false }, task)).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(store.install(ref, { requirements: [], fromFile: true }, task)).rejects.toMatchObject({
    code: 'not_found',
  });
});
