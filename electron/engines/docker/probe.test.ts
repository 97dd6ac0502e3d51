import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { engineReportSchema } from '../../../shared/model/engine.ts';
import { createDockerEngine } from './docker-engine.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-probe-'));
});
afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function probe(env: Readonly<Record<string, string>>) {
  const engine = createDockerEngine({ owner: 'probe', home: folder, env });
  try {
    return engineReportSchema.parse(await engine.probe());
  } finally {
    await engine.dispose();
  }
}

async function listen(answer: string | null): Promise<string> {
  const path = join(folder, 'docker.sock');
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    if (answer !== null) socket.end(answer);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(path, resolve));
  return path;
}

it('tells a socket that is not there from one that does not answer', async () => {
  const path = join(folder, 'none.sock');
  expect(await probe({ DOCKER_HOST: `unix://${path}` })).toMatchObject({
    status: 'unreachable',
    reason: `Docker’s daemon is not running: there is no ${path}, named by DOCKER_HOST`,
    hint: expect.stringContaining('Start'),
    facts: { socket: `unix://${path}` },
  });
});

it('does not wait for ever for a daemon that hangs', async () => {
  const path = await listen(null);
  const started = performance.now();
  const report = await probe({ DOCKER_HOST: `unix://${path}` });
  expect(performance.now() - started).toBeLessThan(8000);
  expect(report).toMatchObject({ status: 'unreachable', reason: expect.stringContaining('did not answer within') });
});

it.each([
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['something else over HTTP', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'],
])('survives %s at the socket', async (_what, answer) => {
  const path = await listen(answer);
  expect(await probe({ DOCKER_HOST: `unix://${path}` })).toMatchObject({ status: 'unreachable', version: null });
});

it.each([
  ['nonsense://x', 'not understood'],
  ['tcp://127.0.0.1:1', 'does not answer'],
])('explains the address %s', async (DOCKER_HOST, reason) => {
  expect(await probe({ DOCKER_HOST })).toMatchObject({
    status: 'unreachable',
    reason: expect.stringContaining(reason),
  });
});

it('explains a context that does not exist', async () => {
  expect(await probe({ DOCKER_CONTEXT: 'gone' })).toMatchObject({
    status: 'unreachable',
    reason: 'The Docker context “gone” does not exist',
    hint: expect.stringContaining('docker context use'),
  });
});

it('tells a user who may not use the socket how to be allowed to', async () => {
  const path = await listen(null);
  await chmod(path, 0);
  await chmod(folder, 0o755);
  const script = `
    import { createDockerEngine } from ${JSON.stringify(new URL('./docker-engine.ts', import.meta.url).href)};
    const engine = createDockerEngine({ owner: 'x', home: '/', env: { DOCKER_HOST: ${JSON.stringify(`unix://${path}`)} } });
    console.log(JSON.stringify(await engine.probe()));
    await engine.dispose();`;
  // Root may use every socket, so as root the question is asked by somebody else.
  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], other);
  expect(engineReportSchema.parse(JSON.parse(stdout))).toMatchObject({
    status: 'unreachable',
    reason: `This user may not use Docker’s socket ${path}`,
    hint: expect.stringContaining('usermod -aG docker'),
  });
});

it.each([
  ['name=seccomp,profile=default', 'enforced'],
  ['name=seccomp,profile=builtin', 'enforced'],
  ['name=seccomp,profile=unconfined', 'best-effort'],
  ['name=apparmor', 'best-effort'],
])('tells what the profiles are worth with %s', async (option, support) => {
  const info = JSON.stringify({ ServerVersion: '24.0.7', SecurityOptions: [option] });
  const path = await listen(`HTTP/1.1 200 OK\r\nContent-Length: ${info.length}\r\nConnection: close\r\n\r\n${info}`);
  const { capabilities, status } = await probe({ DOCKER_HOST: `unix://${path}` });
  expect([status, capabilities.profiles.standard.support, capabilities.profiles.strict.support]).toEqual([
    'available',
    support,
    support,
  ]);
});
