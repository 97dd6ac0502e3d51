import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { ProcMark } from '../../lib/proc.ts';
import type { Box } from './box.ts';
import { namespacePath } from './command-line.ts';
import type { Tools } from './tools.ts';

/**
 * Gives a sandbox a network of its own that reaches out through this machine as an ordinary program
 * would. It carries the sandbox's mark, so that it ends with it and needs no host to live; it would
 * also end by itself when the sandbox's network is gone.
 */
export async function connectNetwork(
  { slirp, prlimit }: Tools,
  { first, monitor }: Box,
  { number }: ProcMark,
  log: string,
): Promise<void> {
  if (slirp === null) throw new AppError('unsupported', 'slirp4netns is missing.', { details: { field: 'network' } });
  const argv = [
    `--msgqueue=${number}:${number}`,
    '--',
    slirp,
    '--configure',
    '--mtu=65520',
    '--disable-host-loopback',
    '--enable-seccomp',
    '--ready-fd=3',
    `--userns-path=${namespacePath(monitor.pid, 'user')}`,
    '--netns-type=path',
    namespacePath(first.pid, 'net'),
    'tap0',
  ];
  await writeFile(log, '', { mode: 0o600 });
  await using output = await open(log, 'a');
  const stdio = ['ignore', output.fd, output.fd, 'pipe'] as const;
  const child = spawn(prlimit, argv, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: [...stdio] });
  await once(child, 'spawn');
  const ready = child.stdio[3];
  if (!ready || !('on' in ready)) throw new AppError('internal', 'slirp4netns has no way to tell that it is ready.');
  const failed = once(child, 'exit').then(() => false);
  const isReady = await Promise.race([once(ready, 'data').then(() => true), failed]);
  ready.destroy();
  if (!isReady)
    throw new AppError('internal', 'The sandbox’s network could not be made.', { hint: await lastLine(log) });
  child.unref();
}

async function lastLine(path: string): Promise<string> {
  await using file = await open(path);
  return (await file.readFile('utf8')).trim().split('\n').at(-1) || 'slirp4netns said nothing.';
}
