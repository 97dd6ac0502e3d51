import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, runCommand, tail } from '../lib/command.ts';
import { defaultSocket, pingSocket } from '../lib/docker.ts';
import { endProcesses, listProcesses, waitUntilGone, withDescendants } from '../lib/processes.ts';
import { tiedToParent } from '../lib/tied.ts';
import { writeDaemonConfig } from './daemon-config.ts';
import { hasCgroups } from './needs.ts';

/** A daemon that was started here, so that whoever started it can end it. */
export interface DockerDaemon {
  /** What a person types to end it. */
  readonly stopCommand: string;
  /** Ends the daemon and what belongs to it; returns what would not go, in words. Idempotent. */
  readonly stop: () => Promise<readonly string[]>;
}

export interface DaemonOptions {
  /** Where its log and pid file go. */
  readonly folder: string;
  /** The daemon ends when this process does, however that ends. */
  readonly tied: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const startTimeoutMs = 90_000;
/** The daemon itself gives its containers 10 s and what it does then a few more. */
const stopTimeoutMs = 30_000;

/** Starts dockerd by itself, without systemd. Throws, with the end of its log, when it does not come up. */
export async function startDockerDaemon(options: DaemonOptions): Promise<DockerDaemon> {
  await mountCgroups();
  mkdirSync(options.folder, { recursive: true });
  const logFile = join(options.folder, 'dockerd.log');
  const pidFile = join(options.folder, 'dockerd.pid');
  const child = launch(options, logFile, pidFile);
  const stop = stopper(child);
  try {
    await waitUntilAnswers(child, options.signal);
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    const log = readFileSync(logFile, 'utf8');
    throw new Error(`dockerd ${reason}: ${tail(log, 1)}\nThe end of its log (${logFile}):\n${tail(log, 15)}`);
  }
  return { stopCommand: `kill "$(cat ${pidFile})"`, stop };
}

function launch(options: DaemonOptions, logFile: string, pidFile: string): ChildProcess {
  // Truncated: the log tells of this daemon only.
  const log = openSync(logFile, 'w');
  const config = writeDaemonConfig(options.folder);
  const daemon = [findProgram('dockerd') ?? 'dockerd', `--pidfile=${pidFile}`, `--config-file=${config}`];
  const [program = '', ...args] = options.tied ? tiedToParent(daemon) : daemon;
  try {
    // A session of its own: a Ctrl-C in the terminal is for the parent, which then ends it in order.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: options.env });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

async function waitUntilAnswers(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(`ended with ${by ?? code}`));
  });
  const deadline = Date.now() + startTimeoutMs;
  while ((await pingSocket(defaultSocket)) !== null) {
    const ended = await Promise.race([failed, delay(100, null)]);
    if (ended !== null) throw new Error(ended);
    if (signal.aborted) throw new Error('was no longer wanted');
    if (Date.now() > deadline) throw new Error(`did not answer within ${startTimeoutMs / 1000} s`);
  }
}

function stopper(child: ChildProcess): () => Promise<readonly string[]> {
  return async () => {
    const { pid } = child;
    if (pid === undefined) return [];
    // containerd and the shims below it: they end with the daemon, and must be gone with it.
    const [daemon, ...helpers] = withDescendants(await listProcesses(), pid);
    if (!daemon) return [];
    const left = await endProcesses([daemon], stopTimeoutMs);
    const leftHelpers = await waitUntilGone(helpers, 5_000);
    const stuck = [...left, ...(await endProcesses(leftHelpers, 2_000))];
    return stuck.map((info) => `${info.command} (pid ${info.pid})`);
  };
}

/** A container or a minimal system may have none; Debian's package knows how to mount them. */
async function mountCgroups(): Promise<void> {
  if (hasCgroups(readFileSync('/proc/mounts', 'utf8'))) return;
  const result = await runCommand('cgroupfs-mount', []);
  if (result.code !== 0) throw new Error(`The cgroups cannot be mounted: ${tail(result.stderr, 5)}`);
}

/** Where systemd runs it owns the daemon, and its socket unit holds the socket. */
export async function startDockerService(signal: AbortSignal): Promise<DockerDaemon> {
  const started = await runCommand('systemctl', ['start', 'docker.service'], { timeoutMs: startTimeoutMs });
  if (started.code !== 0) throw new Error(`systemctl start docker failed: ${tail(started.stderr, 5)}`);
  const deadline = Date.now() + startTimeoutMs;
  let reason = await pingSocket(defaultSocket);
  while (reason !== null && !signal.aborted && Date.now() < deadline) {
    await delay(100);
    reason = await pingSocket(defaultSocket);
  }
  if (reason !== null) throw new Error(`docker.service was started but does not answer: ${reason}`);
  const units = ['docker.service', 'docker.socket'];
  return {
    stopCommand: `systemctl stop ${units.join(' ')}`,
    stop: async () => {
      const stopped = await runCommand('systemctl', ['stop', ...units], { timeoutMs: stopTimeoutMs * 2 });
      return stopped.code === 0 ? [] : [`docker.service (${tail(stopped.stderr, 3)})`];
    },
  };
}
