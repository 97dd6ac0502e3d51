import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand, tail } from '../lib/command.ts';
import { endPodmanProcesses } from './podman-leftovers.ts';

/** An ordinary user of this machine, for rootless Podman. */
export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** What a login would set. */
  readonly env: Readonly<Record<string, string>>;
}

/** One a run, named after its process, so that runs do not meet; without a number: for what stays. */
const NAME = /^tt-podman(?:-(\d+))?$/;

/** Makes the user with ids for its containers, and its folders. Throws when it cannot. */
export async function makeTestUser(name: string, home: string): Promise<TestUser> {
  for (const user of testUsers()) if (user.name === name || isOfDeadRun(user.name)) await removeTestUser(user);
  await must('useradd', ['--home-dir', home, '--shell', '/bin/sh', '--user-group', name]);
  const found = testUsers().find((user) => user.name === name);
  if (!found) throw new Error(`useradd made no user ${name}`);
  for (const kind of ['uid', 'gid']) {
    const path = `/etc/sub${kind}`;
    const known = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (known.split('\n').some((row) => row.startsWith(`${name}:`))) continue;
    const first = firstFreeId(known);
    await must('usermod', [`--add-sub${kind}s`, `${first}-${first + 65_535}`, name]);
  }
  const runtime = join(home, 'run');
  const folders = [home, runtime, join(home, '.config'), join(home, '.config/containers')];
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
    chownSync(folder, found.uid, found.gid);
  }
  return { ...found, env: { HOME: home, USER: name, LOGNAME: name, XDG_RUNTIME_DIR: runtime } };
}

type Account = Omit<TestUser, 'env'>;

/** Ends what runs as the user, and takes everything of it away but files in its folder. */
export async function removeTestUser(user: Account): Promise<void> {
  await endPodmanProcesses(user.home, user.uid);
  await must('userdel', [user.name]);
  rmSync(`/dev/shm/libpod_rootless_lock_${user.uid}`, { force: true });
}

/** Runs a program as the user and with nothing of this environment but PATH. */
export function runAs(user: TestUser, argv: readonly string[], input?: Uint8Array): Promise<CommandResult> {
  const settings = Object.entries({ ...user.env, PATH: process.env.PATH ?? '' }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const command = ['runuser', '-u', user.name, '--', 'env', '-i', '-C', user.home, ...settings, ...argv];
  return runCommand(command[0] ?? '', command.slice(1), input ? { input } : {});
}

function testUsers(): readonly Account[] {
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  return rows
    .map((row) => row.split(':'))
    .filter(([name = '']) => NAME.test(name))
    .map(([name = '', , uid, gid, , home = '']) => ({ name, uid: Number(uid), gid: Number(gid), home }));
}

function isOfDeadRun(name: string): boolean {
  const pid = NAME.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

/** `known`: rows of subuid(5), `name:first:count`. */
export function firstFreeId(known: string): number {
  const ends = known.split('\n').map((row) => {
    const [, first, count] = row.split(':').map(Number);
    return (first ?? 0) + (count ?? 0);
  });
  return Math.max(100_000, ...ends.filter(Number.isFinite));
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(program, args);
  if (code !== 0) throw new Error(`${program} failed: ${tail(stderr, 3)}`);
}
