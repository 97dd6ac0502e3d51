import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import type { PortBinding } from '../../../shared/model/sandbox.ts';
import type { Manifest } from '../local/manifest.ts';
import type { Box } from './box.ts';
import { namespacePath } from './command-line.ts';
import type { Tools } from './tools.ts';

/** slirp4netns is ready within 100 ms; what takes this long hangs, and must not hold up the sandbox's lock. */
const PATIENCE_MS = 10_000;

/**
 * Gives a sandbox a network of its own that reaches out through this machine as an ordinary program
 * would. It carries the sandbox's mark, so that it ends with it and needs no host to live; it would
 * also end by itself when the sandbox's network is gone.
 */
export async function connectNetwork(
  { slirp, prlimit }: Tools,
  { first, monitor }: Box,
  { mark, ports }: Pick<Manifest, 'mark' | 'ports'>,
  log: string,
): Promise<void> {
  if (slirp === null) {
    throw new AppError('unsupported', 'slirp4netns is missing.', {
      hint: 'Install it, e.g. apt install slirp4netns.',
      details: { field: 'network' },
    });
  }
  // A name of its own, as the path of a socket may only have 107 bytes.
  const orders = await mkdtemp(join(tmpdir(), 'terrarium-net-'));
  const socket = join(orders, 'socket');
  const argv = [
    `--msgqueue=${mark}:${mark}`,
    '--',
    slirp,
    '--configure',
    '--mtu=65520',
    '--disable-host-loopback',
    '--enable-seccomp',
    '--ready-fd=3',
    ...(ports.length === 0 ? [] : [`--api-socket=${socket}`]),
    `--userns-path=${namespacePath(monitor.pid, 'user')}`,
    '--netns-type=path',
    namespacePath(first.pid, 'net'),
    'tap0',
  ];
  await writeFile(log, '', { mode: 0o600 });
  try {
    await startSlirp(prlimit, argv, log);
    for (const binding of ports) await publish(socket, binding);
  } finally {
    // Nobody gives it orders any more.
    await rm(orders, { recursive: true, force: true });
  }
}

async function startSlirp(prlimit: string, argv: readonly string[], log: string): Promise<void> {
  await using output = await open(log, 'a');
  const stdio = ['ignore', output.fd, output.fd, 'pipe'] as const;
  const child = spawn(prlimit, argv, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: [...stdio] });
  await once(child, 'spawn');
  const ready = child.stdio[3];
  if (!ready || !('on' in ready)) throw new AppError('internal', 'slirp4netns has no way to tell that it is ready.');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const ended = once(child, 'exit').then(() => false);
  const late = once(signal, 'abort').then(() => false);
  const isReady = await Promise.race([once(ready, 'data').then(() => true), ended, late]);
  ready.destroy();
  if (!isReady) {
    child.kill('SIGKILL');
    const [code, message] = signal.aborted
      ? (['timeout', 'The sandbox’s network was not there in time.'] as const)
      : (['internal', 'The sandbox’s network could not be made.'] as const);
    throw new AppError(code, message, { hint: await lastLine(log) });
  }
  child.unref();
}

const replySchema = z.union([
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ desc: z.string().default('it did not say why') }) }),
]);

/** slirp4netns(1), API SOCKET: one order and one answer a connection. */
async function publish(socket: string, { port, hostIp, hostPort, protocol }: PortBinding): Promise<void> {
  const order = { proto: protocol, host_addr: hostIp, host_port: hostPort, guest_port: port };
  const connection = connect(socket);
  connection.setTimeout(PATIENCE_MS, () => {
    connection.destroy(new AppError('timeout', `slirp4netns did not say whether port ${hostPort} is open.`));
  });
  connection.end(JSON.stringify({ execute: 'add_hostfwd', arguments: order }));
  const reply = replySchema.parse(JSON.parse(await text(connection)));
  if ('error' in reply) {
    throw new AppError('conflict', `Port ${hostPort} on this machine could not be opened: ${reply.error.desc}`, {
      hint: 'Something else may use it by now. End that, or rebuild the sandbox.',
      details: { field: 'ports' },
    });
  }
}

async function lastLine(path: string): Promise<string> {
  await using file = await open(path);
  return (await file.readFile('utf8')).trim().split('\n').at(-1) || 'slirp4netns said nothing.';
}
