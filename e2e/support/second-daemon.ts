import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TEST_IMAGE } from '../../electron/hosts/testing/engine-truth.ts';
import { waitFor } from '../../electron/hosts/testing/wait-for.ts';

const run = promisify(execFile);

/** A Docker daemon of a test's own, to be stopped and started while a page is open. */
export interface SecondDaemon {
  /** For `DOCKER_HOST`. */
  readonly address: string;
  /** The docker command against this daemon. */
  readonly docker: (...args: readonly string[]) => Promise<string>;
  readonly start: () => Promise<void>;
  /** Containers end with it. */
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Null when a second daemon can run here; else why not. */
export const secondDaemonMissing = process.getuid?.() === 0 ? null : 'a second Docker daemon needs root';

/**
 * Its own network namespace keeps the machine's firewall rules and the first daemon's bridge out of
 * its reach; its own folders do the same for everything else.
 */
export async function createSecondDaemon(): Promise<SecondDaemon> {
  // A short path: a socket's may have 108 characters.
  const folder = await mkdtemp('/tmp/trd-');
  const address = `unix://${folder}/docker.sock`;
  let daemon: ChildProcess | undefined;
  let output = '';

  const docker = async (...args: readonly string[]) =>
    (await run('docker', ['--host', address, ...args])).stdout.trim();

  async function start(): Promise<void> {
    const paths = [
      '--data-root',
      join(folder, 'data'),
      '--exec-root',
      join(folder, 'exec'),
      '--pidfile',
      join(folder, 'pid'),
    ];
    const child = spawn('unshare', ['--net', 'dockerd', '--host', address, '--storage-driver', 'vfs', ...paths], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
    daemon = child;
    await waitFor(
      'the second Docker daemon',
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
        return (await docker('version', '--format', '{{.Server.Version}}')) !== '';
      },
      60_000,
    );
  }

  async function stop(): Promise<void> {
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }

  await start();
  // Through a file: two pipes between two docker commands would need a shell.
  const archive = join(folder, 'image.tar');
  await run('docker', ['save', '--output', archive, TEST_IMAGE]);
  await docker('load', '--input', archive);

  return {
    address,
    docker,
    start,
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
