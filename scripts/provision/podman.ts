import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CommandResult, findProgram, runCommand, tail } from '../lib/command.ts';
import { pingSocket } from '../lib/docker.ts';
import { endProcesses, listProcesses, withDescendants } from '../lib/processes.ts';
import { tiedToParent } from '../lib/tied.ts';
import { ensureBusyboxImage, type ImageCommand } from './busybox-image.ts';
import type { DaemonOptions } from './docker-daemon.ts';
import { endPodmanProcesses, podmanCgroups, removeCgroups, unmountBelow } from './podman-leftovers.ts';
import { makeTestUser, removeTestUser, runAs, type TestUser } from './podman-user.ts';

/** What the tests of the podman engine find Podman by. */
export interface TestPodman {
  readonly env: Readonly<Record<string, string>>;
  /** What a person types to end it. */
  readonly stopCommand: string;
  /** Ends it with all that belongs to it; returns what the tests left, in words. Idempotent. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Where `npm run provision` puts it, for tests that are run by themselves: see `test-podman.ts` of the engine. */
export const podmanFolder = '/var/lib/terrarium-test/podman';

const startTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;

/** crun fails where v1's controllers and an empty v2 hierarchy are mounted; root may not raise its limits everywhere. */
const settings = (folder: string) => `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
${folder === '' ? '' : `tmp_dir = "${folder}/tmp"\n`}`;

/**
 * Serves root's Podman on a socket in the folder, with settings and a store of its own, and makes an
 * ordinary user with a store of its own; both have the test image. Throws when it does not come up.
 */
export async function startPodman(given: DaemonOptions): Promise<TestPodman> {
  // With these the podman command would only talk to another one.
  const { CONTAINER_HOST: _host, CONTAINER_CONNECTION: _connection, ...env } = given.env;
  const options = { ...given, env };
  const { folder } = options;
  const socket = join(folder, 'podman.sock');
  const file = join(folder, 'podman.json');
  const started = { service: null as ChildProcess | null, user: null as TestUser | null };
  const cgroupsBefore = podmanCgroups();
  const rootEnv = writeSettings(folder);
  const asRoot = podmanAs({ ...options.env, ...rootEnv });
  let stopped: Promise<readonly string[]> | null = null;
  const stop = () => {
    stopped ??= stopAll(folder, started, asRoot, cgroupsBefore);
    return stopped;
  };
  try {
    const name = options.tied ? `tt-podman-${process.pid}` : 'tt-podman';
    started.user = await makeTestUser(name, join(folder, 'user'));
    const { user } = started;
    writeFileSync(join(user.home, '.config/containers/containers.conf'), settings(''), { mode: 0o644 });
    await ensureBusyboxImage(asRoot);
    await ensureBusyboxImage((args, input) => runAs(user, ['podman', ...args], input));
    started.service = launch({ ...options, env: { ...options.env, ...rootEnv } }, socket);
    await waitUntilAnswers(started.service, socket, join(folder, 'podman.log'));
    writeFileSync(file, `${JSON.stringify({ socket, env: rootEnv, user }, null, 2)}\n`);
    chmodSync(file, 0o644);
    return {
      env: environmentFor(file, socket),
      stopCommand: `kill ${started.service.pid}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Hosts that the tests start find Podman as a user's do. */
function environmentFor(file: string, socket: string): Readonly<Record<string, string>> {
  return { TERRARIUM_TEST_PODMAN: file, CONTAINER_HOST: `unix://${socket}` };
}

function writeSettings(folder: string): Readonly<Record<string, string>> {
  // Open, because the ordinary user's folder is inside.
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const conf = join(folder, 'containers.conf');
  const storage = join(folder, 'storage.conf');
  writeFileSync(conf, settings(folder));
  const [graph, run] = [join(folder, 'graph'), join(folder, 'runroot')];
  writeFileSync(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`);
  return { CONTAINERS_CONF: conf, CONTAINERS_STORAGE_CONF: storage };
}

function podmanAs(env: NodeJS.ProcessEnv): ImageCommand {
  return (args, input) => runCommand('podman', args, { env, ...(input ? { input } : {}) });
}

function launch({ folder, tied, env }: DaemonOptions, socket: string): ChildProcess {
  // A killed service leaves it.
  rmSync(socket, { force: true });
  const log = openSync(join(folder, 'podman.log'), 'w');
  const service = [findProgram('podman') ?? 'podman', 'system', 'service', '--time=0', `unix://${socket}`];
  const [program = '', ...args] = tied ? tiedToParent(service) : service;
  try {
    // Its monitors leave a file `oom` in their working directory.
    const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', log, log], env });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

async function waitUntilAnswers(child: ChildProcess, socket: string, log: string): Promise<void> {
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(`ended with ${by ?? code}`));
  });
  const deadline = Date.now() + startTimeoutMs;
  while ((await pingSocket(socket)) !== null) {
    const ended = await Promise.race([failed, delay(50, null)]);
    const reason = ended ?? (Date.now() > deadline ? `did not answer within ${startTimeoutMs / 1000} s` : null);
    if (reason !== null) throw new Error(`podman system service ${reason}: ${tail(readFileSync(log, 'utf8'), 5)}`);
  }
}

async function stopAll(
  folder: string,
  { service, user }: { readonly service: ChildProcess | null; readonly user: TestUser | null },
  asRoot: ImageCommand,
  cgroupsBefore: readonly string[],
): Promise<readonly string[]> {
  const left = [...(await removeContainers(asRoot))];
  if (user) left.push(...(await removeContainers((args) => runAs(user, ['podman', ...args]))));
  if (service?.pid !== undefined) {
    await endProcesses(withDescendants(await listProcesses(), service.pid), stopTimeoutMs);
  }
  left.push(...(await endPodmanProcesses(folder, user?.uid ?? -1)));
  await unmountBelow(folder);
  if (user) await removeTestUser(user);
  removeCgroups(podmanCgroups().filter((path) => !cgroupsBefore.includes(path)));
  rmSync(folder, { recursive: true, force: true });
  return left;
}

/** Removes all containers of one store; returns them in words. */
async function removeContainers(
  podman: (args: readonly string[]) => Promise<CommandResult>,
): Promise<readonly string[]> {
  const format = 'podman container {{.Names}} ({{.Image}}, {{.Status}})';
  const listed = await podman(['ps', '--all', '--format', format]);
  const left = listed.stdout.split('\n').filter((line) => line.startsWith('podman container'));
  if (left.length > 0) await podman(['rm', '--all', '--force', '--volumes', '--time', '0']);
  return left;
}

/**
 * One that goes on running since `npm run provision`; null: there is none that answers. It is not
 * stopped: only what the tests left in it is removed.
 */
export async function findPodman(): Promise<TestPodman | null> {
  const file = join(podmanFolder, 'podman.json');
  const socket = join(podmanFolder, 'podman.sock');
  const answers = existsSync(file) && (await pingSocket(socket)) === null;
  if (!answers) return null;
  const { env, user }: { env: NodeJS.ProcessEnv; user: TestUser } = JSON.parse(readFileSync(file, 'utf8'));
  const { CONTAINER_HOST: _host, CONTAINER_CONNECTION: _connection, ...rest } = process.env;
  return {
    env: environmentFor(file, socket),
    stopCommand: '',
    stop: async () => [
      ...(await removeContainers(podmanAs({ ...rest, ...env }))),
      ...(await removeContainers((args) => runAs(user, ['podman', ...args]))),
    ],
  };
}
