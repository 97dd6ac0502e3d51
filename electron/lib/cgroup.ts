import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where one cgroup hierarchy is mounted. `root` is what of it the mount shows (not `/` inside containers). */
export interface CgroupMount {
  readonly path: string;
  readonly root: string;
}

export interface CgroupMounts {
  /** By controller, e.g. `memory`. */
  readonly v1: ReadonlyMap<string, CgroupMount>;
  readonly v2: CgroupMount | null;
}

/** The folders of one cgroup: one a controller on v1, one for all on v2. */
export type Cgroup =
  | { readonly version: 1; readonly folders: ReadonlyMap<string, string> }
  | { readonly version: 2; readonly folder: string };

/** Parses /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseCgroupMounts(mountinfo: string): CgroupMounts {
  const v1 = new Map<string, CgroupMount>();
  let v2: CgroupMount | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, path] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root === undefined || path === undefined) continue;
    const mount = { root: unescapeOctal(root), path: unescapeOctal(path) };
    if (type === 'cgroup2') v2 ??= mount;
    if (type !== 'cgroup') continue;
    for (const option of options.split(',')) if (!v1.has(option)) v1.set(option, mount);
  }
  return { v1, v2 };
}

/** mountinfo writes spaces and the like as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Parses /proc/PID/cgroup (cgroups(7)): paths by controller, v2's under the empty name. */
export function parseMembership(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, ...rest] = line.split(':');
    if (controllers === undefined || rest.length === 0) continue;
    for (const name of controllers.split(',')) paths.set(name, rest.join(':'));
  }
  return paths;
}

/**
 * The folders of the cgroup that /proc/PID/cgroup (`membership`) tells of. v1 where its memory or pids
 * controller is in use (also on hybrid systems, whose v2 side has no controllers), else v2.
 */
export function findCgroup(membership: string, mounts: CgroupMounts = systemMounts()): Cgroup | null {
  const paths = parseMembership(membership);
  const folders = new Map<string, string>();
  for (const [controller, path] of paths) {
    const mount = mounts.v1.get(controller);
    if (mount) folders.set(controller, folderOf(mount, path));
  }
  if (folders.has('memory') || folders.has('pids') || folders.has('cpuacct')) return { version: 1, folders };
  const path = paths.get('');
  return mounts.v2 && path !== undefined ? { version: 2, folder: folderOf(mounts.v2, path) } : null;
}

function folderOf({ path, root }: CgroupMount, inside: string): string {
  const shown = root !== '/' && (inside === root || inside.startsWith(`${root}/`)) ? inside.slice(root.length) : inside;
  return join(path, shown);
}

let mountsOfThisSystem: CgroupMounts | undefined;

/** Mounts of cgroups do not change while a system runs, so they are read once. */
function systemMounts(): CgroupMounts {
  mountsOfThisSystem ??= parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  return mountsOfThisSystem;
}

/** Pids in a cgroup (not in those below it); empty when it is gone. */
export function cgroupProcesses(cgroup: Cgroup): readonly number[] {
  const folder =
    cgroup.version === 2
      ? cgroup.folder
      : (cgroup.folders.get('pids') ?? cgroup.folders.get('memory') ?? cgroup.folders.get('cpuacct'));
  const text = folder === undefined ? null : readKernelFile(join(folder, 'cgroup.procs'));
  return text === null ? [] : text.split('\n').filter(Boolean).map(Number);
}

/** Files of the kernel are in memory, so reading them at once costs less than asking a thread to. */
export function readKernelFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // gone, or this system has no such file
  }
}
