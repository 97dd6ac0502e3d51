import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mount, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { resolveMounts } from './mounts.ts';

/** In no password file. */
const NOBODY_IN_PARTICULAR = 61_236;

let folder: string;
let server: Server;
let engineSocket: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-mounts-'));
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'run'));
  mkdirSync(join(folder, 'home/state/sandboxes'), { recursive: true });
  mkdirSync(join(folder, 'home/project'));
  writeFileSync(join(folder, 'data/file'), '');
  engineSocket = join(folder, 'run/engine.sock');
  symlinkSync(engineSocket, join(folder, 'innocent'));
  symlinkSync('/', join(folder, 'everything'));
  symlinkSync(join(folder, 'data'), join(folder, 'link'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(engineSocket, resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function resolve(mounts: readonly Partial<Mount>[], profile = 'standard') {
  const spec = sandboxSpecSchema.parse({
    name: 'one',
    engine: 'docker',
    source: { type: 'image', reference: 'busybox' },
    network: { mode: 'none' },
    profile,
    mounts,
  });
  return resolveMounts(spec, { sockets: [engineSocket], state: join(folder, 'home/state') });
}

it('accepts folders and files, and resolves links', async () => {
  const mounts = [
    { hostPath: join(folder, 'data'), path: '/data/' },
    { hostPath: join(folder, 'link'), path: '/linked', readOnly: false },
    { hostPath: '/etc', path: '/host-etc' },
    { hostPath: join(folder, 'home/project'), path: '/project' },
  ];
  expect(await resolve(mounts)).toEqual([
    { source: join(folder, 'data'), target: '/data', readOnly: true },
    { source: join(folder, 'data'), target: '/linked', readOnly: false },
    { source: '/etc', target: '/host-etc', readOnly: true },
    { source: join(folder, 'home/project'), target: '/project', readOnly: true },
  ]);
});

describe('refuses', () => {
  const inside = (name: string) => () => join(folder, name);
  it.each([
    ['what does not exist', inside('missing'), true, 'hostPath'],
    ['an engine’s socket', () => engineSocket, true, 'hostPath'],
    ['a link to an engine’s socket', inside('innocent'), true, 'hostPath'],
    ['the folder of an engine’s socket', inside('run'), true, 'hostPath'],
    ['the whole machine', () => '/', true, 'hostPath'],
    ['a link to the whole machine', inside('everything'), true, 'hostPath'],
    ['/proc', () => '/proc', true, 'hostPath'],
    ['a part of /sys', () => '/sys/kernel', true, 'hostPath'],
    ['a device', () => '/dev/null', true, 'hostPath'],
    ['/run, where sockets are', () => '/run', true, 'hostPath'],
    ['a folder in /run', () => '/run/lock', true, 'hostPath'],
    ['a folder in /var/run', () => '/var/run/lock', true, 'hostPath'],
    ['the folder above /run', () => '/var', true, 'hostPath'],
    ['Terrarium’s state', inside('home/state'), true, 'hostPath'],
    ['a part of Terrarium’s state', inside('home/state/sandboxes'), true, 'hostPath'],
    ['what Terrarium’s state is in', inside('home'), true, 'hostPath'],
    ['a writable /etc', () => '/etc', false, 'readOnly'],
    ['a writable part of /usr', () => '/usr/bin', false, 'readOnly'],
  ])('%s', async (_what, hostPath, readOnly, key) => {
    await expect(resolve([{ hostPath: hostPath(), path: '/x', readOnly }])).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: `mounts.0.${key}` },
    });
  });

  it.each(['/', '/proc', '/workspace', '/sys/fs', '/dev/shm'])('a mount at %s', async (path) => {
    await expect(resolve([{ hostPath: join(folder, 'data'), path }])).rejects.toMatchObject({
      details: { field: 'mounts.0.path' },
    });
  });

  it('two mounts in one place', async () => {
    const hostPath = join(folder, 'data');
    await expect(
      resolve([
        { hostPath, path: '/x' },
        { hostPath, path: '/x/' },
      ]),
    ).rejects.toMatchObject({
      details: { field: 'mounts.1.path' },
    });
  });

  it('writable mounts in the profile strict', async () => {
    const mount = { hostPath: join(folder, 'data'), path: '/x', readOnly: false };
    await expect(resolve([mount], 'strict')).rejects.toMatchObject({ details: { field: 'mounts.0.readOnly' } });
  });
});

describe('tells what is wrong with a path', () => {
  const failure = (hostPath: string) =>
    resolve([{ hostPath, path: '/data' }]).then(
      () => null,
      (error: unknown) => error,
    );
  const field = 'mounts.0.hostPath';

  it('that is not there', async () => {
    for (const path of [join(folder, 'nothing'), join(folder, 'data/file/below')]) {
      expect(await failure(path)).toMatchObject({ code: 'invalid_input', hint: 'Create it first', details: { field } });
    }
  });

  it('that leads back to itself', async () => {
    symlinkSync(join(folder, 'round'), join(folder, 'round'));
    expect(await failure(join(folder, 'round'))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('leads back to itself'),
      details: { field },
    });
  });

  it('that this user may not look at, which is not the same as missing', async () => {
    const secret = join(folder, 'secret');
    mkdirSync(join(secret, 'inside'), { recursive: true });
    chmodSync(secret, 0o000);
    const { seteuid } = process;
    // Nothing is closed to the administrator.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chmodSync(folder, 0o755);
    if (isRoot) seteuid?.(NOBODY_IN_PARTICULAR);
    try {
      expect(await failure(join(secret, 'inside'))).toMatchObject({
        code: 'denied',
        message: expect.stringContaining('may not look at'),
        details: { field },
      });
    } finally {
      if (isRoot) seteuid?.(0);
      chmodSync(secret, 0o700);
    }
  });
});
