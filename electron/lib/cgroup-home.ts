import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type CgroupMounts, parseCgroupMounts, parseMembership, readKernelFile } from './cgroup.ts';
import { cgroupEntries, createCgroup, removeCgroup } from './cgroup-create.ts';

/** Where this user can make cgroups: a folder that is Terrarium's own, in each hierarchy. */
export type CgroupHome =
  | { readonly version: 1; readonly folders: ReadonlyMap<string, string>; readonly controllers: ReadonlySet<string> }
  | { readonly version: 2; readonly folder: string; readonly controllers: ReadonlySet<string> };

export type FoundCgroupHome =
  | { readonly home: CgroupHome; readonly reason: null }
  | { readonly home: null; readonly reason: string };

/** v1's hierarchies that sandboxes use; cpuacct and blkio only count. */
const V1_CONTROLLERS = ['memory', 'cpu', 'cpuacct', 'pids', 'freezer', 'blkio'];
const V2_CONTROLLERS = ['memory', 'cpu', 'pids', 'io'];

const run = promisify(execFile);

/**
 * Finds, by trying, where cgroups can be made, entered and removed. On v1 that is below the mounts for
 * root, and in folders `terrarium-<uid>` there that root has made and given to an ordinary user; on v2
 * below what was delegated to this user (systemd gives each one a subtree).
 */
export async function findCgroupHome(uid: number, mounts?: CgroupMounts): Promise<FoundCgroupHome> {
  const none = (reason: string): FoundCgroupHome => ({ home: null, reason });
  try {
    const known = mounts ?? parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
    const usesV1 = ['memory', 'pids', 'cpu'].some((controller) => known.v1.has(controller));
    const home = usesV1 ? findV1(known, uid) : await findV2(known, uid);
    if (typeof home === 'string') return none(home);
    await tryOut(home);
    return { home, reason: null };
  } catch (error) {
    return none(`cgroups cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function findV1({ v1 }: CgroupMounts, uid: number): CgroupHome | string {
  const name = uid === 0 ? 'terrarium' : `terrarium-${uid}`;
  const folders = new Map<string, string>();
  for (const controller of V1_CONTROLLERS) {
    const mount = v1.get(controller);
    if (!mount) continue;
    const folder = join(mount.path, name);
    if (uid === 0) mkdirSync(folder, { recursive: true });
    if (isOurs(folder)) folders.set(controller, folder);
  }
  if (folders.size > 0) return { version: 1, folders, controllers: new Set(folders.keys()) };
  const mounts = new Set(V1_CONTROLLERS.flatMap((controller) => v1.get(controller)?.path ?? []));
  const where = [...mounts].join(', ');
  return `cgroup v1 belongs to root, who can hand it on: in each of ${where}: mkdir ${name} && chown -R ${uid} ${name}`;
}

async function findV2({ v2 }: CgroupMounts, uid: number): Promise<CgroupHome | string> {
  if (!v2) return 'no cgroup hierarchy is mounted';
  const base = uid === 0 ? v2.path : delegated(v2.path);
  if (base === null) return 'no part of the cgroup hierarchy is delegated to this user';
  enableControllers(base);
  const folder = join(base, 'terrarium');
  mkdirSync(folder, { recursive: true });
  enableControllers(folder);
  const enabled = (readKernelFile(join(folder, 'cgroup.subtree_control')) ?? '').split(/\s+/);
  // The freezer is part of v2 itself.
  const controllers = new Set([...V2_CONTROLLERS.filter((each) => enabled.includes(each)), 'freezer']);
  return { version: 2, folder, controllers };
}

/** The highest cgroup above this process that this user may divide. */
function delegated(mount: string): string | null {
  const path = parseMembership(readFileSync('/proc/self/cgroup', 'utf8')).get('') ?? '/';
  let found: string | null = null;
  for (let folder = join(mount, path); folder.startsWith(`${mount}/`); folder = dirname(folder)) {
    if (isOurs(folder) && isOurs(join(folder, 'cgroup.subtree_control'))) found = folder;
  }
  return found;
}

function isOurs(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    accessSync(join(path.endsWith('_control') ? dirname(path) : path, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** One by one: a controller that is not there would else keep the others off. */
function enableControllers(folder: string): void {
  const there = (readKernelFile(join(folder, 'cgroup.controllers')) ?? '').split(/\s+/);
  for (const controller of V2_CONTROLLERS.filter((each) => there.includes(each))) {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // Processes are in this very cgroup, or the one above does not hand it on: what is enabled is read afterwards.
    }
  }
}

/** A process must really be able to enter: on v2 that also depends on where it comes from. */
async function tryOut(home: CgroupHome): Promise<void> {
  const cgroup = createCgroup(home, `probe-${randomBytes(6).toString('hex')}`);
  try {
    const { early, late } = cgroupEntries(cgroup);
    const script = 'for procs; do echo 0 >"$procs" || exit 1; done';
    await run('/bin/sh', ['-c', script, 'sh', ...early, ...late]);
  } finally {
    await removeCgroup(cgroup);
  }
}
