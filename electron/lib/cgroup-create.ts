import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup } from './cgroup.ts';
import { readKernelFile } from './cgroup.ts';
import { keyValue } from './cgroup-counters.ts';
import type { CgroupHome } from './cgroup-home.ts';

/** What a cgroup is to hold. Missing: no limit. */
export interface CgroupLimits {
  /** Of memory and swap together. */
  readonly memoryBytes?: number | undefined;
  readonly cpuCores?: number | undefined;
  readonly processes?: number | undefined;
}

/** CPU time is given out in periods of this length. */
const PERIOD_US = 100_000;

/** Makes a cgroup in each hierarchy of the home. Making one that is there already is no error. */
export function createCgroup(home: CgroupHome, name: string): Cgroup {
  if (home.version === 2) {
    const folder = join(home.folder, name);
    mkdirSync(folder, { recursive: true });
    return { version: 2, folder };
  }
  const folders = new Map([...home.folders].map(([controller, folder]) => [controller, join(folder, name)]));
  for (const folder of new Set(folders.values())) mkdirSync(folder, { recursive: true });
  return { version: 1, folders };
}

/** The limits that a cgroup can hold, and the controllers that do. */
const CONTROLLER = { memoryBytes: 'memory', cpuCores: 'cpu', processes: 'pids' } as const;
const V2_FILE = { memoryBytes: 'memory.max', cpuCores: 'cpu.max', processes: 'pids.max' } as const;

/** Whether this cgroup holds that limit: on v1 it has a folder for it, on v2 a file. */
export function controls(cgroup: Cgroup, limit: keyof CgroupLimits): boolean {
  return cgroup.version === 1 ? cgroup.folders.has(CONTROLLER[limit]) : existsSync(join(cgroup.folder, V2_FILE[limit]));
}

/** Sets limits that it `controls`, also of a cgroup that is in use. Throws what the system refuses (memory that is already in use …). */
export function limitCgroup(cgroup: Cgroup, { memoryBytes, cpuCores, processes }: CgroupLimits): void {
  if (memoryBytes !== undefined) limitMemory(cgroup, memoryBytes);
  if (cpuCores !== undefined) {
    const quota = Math.round(cpuCores * PERIOD_US);
    if (cgroup.version === 2) set(cgroup.folder, 'cpu.max', `${quota} ${PERIOD_US}`);
    else {
      set(folderOf(cgroup, 'cpu'), 'cpu.cfs_period_us', String(PERIOD_US));
      set(folderOf(cgroup, 'cpu'), 'cpu.cfs_quota_us', String(quota));
    }
  }
  if (processes !== undefined) set(folderOf(cgroup, 'pids'), 'pids.max', String(processes));
}

function limitMemory(cgroup: Cgroup, bytes: number): void {
  const folder = folderOf(cgroup, 'memory');
  if (cgroup.version === 2) {
    set(folder, 'memory.max', String(bytes));
    // A kernel without swap has no such file, and needs none.
    if (readKernelFile(join(folder, 'memory.swap.max')) !== null) set(folder, 'memory.swap.max', '0');
    return;
  }
  const both = 'memory.memsw.limit_in_bytes';
  const before = Number(readKernelFile(join(folder, both)) ?? Number.NaN);
  // Memory with swap may never be less than memory alone, so what grows goes first.
  const order = Number.isNaN(before)
    ? ['memory.limit_in_bytes']
    : bytes > before
      ? [both, 'memory.limit_in_bytes']
      : ['memory.limit_in_bytes', both];
  for (const file of order) set(folder, file, String(bytes));
}

/**
 * The files to which a shell writes `0` to be in the cgroup. `late` are those of the hierarchies that
 * limit memory and processes, which a launcher enters only once it does not count any more itself.
 *
 * On v1 it is `tasks`: it moves one thread, and a shell has one. Moving a process makes the kernel wait
 * until no process of the machine is just starting or ending, some 10 ms.
 */
export function cgroupEntries(cgroup: Cgroup): { readonly early: readonly string[]; readonly late: readonly string[] } {
  if (cgroup.version === 2) return { early: [], late: [join(cgroup.folder, 'cgroup.procs')] };
  const tasks = (folder: string) => join(folder, 'tasks');
  const strict = ['memory', 'pids'].flatMap((controller) => cgroup.folders.get(controller) ?? []);
  const late = new Set(strict);
  const early = new Set([...cgroup.folders.values()].filter((folder) => !late.has(folder)));
  return { early: [...early].map(tasks), late: [...late].map(tasks) };
}

/**
 * How often processes in it were killed for want of memory, or could not be started, since it was made; null where
 * the cgroup is gone, or does not count that.
 */
export function cgroupStrikes(cgroup: Cgroup): {
  readonly memoryBytes: number | null;
  readonly processes: number | null;
} {
  const count = (controller: string, file: string, key: string) => {
    const folder = cgroup.version === 2 ? cgroup.folder : cgroup.folders.get(controller);
    const text = folder === undefined ? null : readKernelFile(join(folder, file));
    return text === null ? null : keyValue(text, key);
  };
  return {
    memoryBytes: count('memory', cgroup.version === 2 ? 'memory.events' : 'memory.oom_control', 'oom_kill'),
    processes: count('pids', 'pids.events', 'max'),
  };
}

const POLL_MS = 2;
const PATIENCE_MS = 10_000;

/** Resolves when everything in it stands still. */
export async function freezeCgroup(cgroup: Cgroup): Promise<void> {
  if (cgroup.version === 2) {
    set(cgroup.folder, 'cgroup.freeze', '1');
    await until(() => keyValue(readKernelFile(join(cgroup.folder, 'cgroup.events')) ?? '', 'frozen') === 1);
    return;
  }
  const folder = folderOf(cgroup, 'freezer');
  await until(() => {
    // Again each time: one that was busy when it was asked is asked anew, see the kernel's freezer-subsystem.rst.
    set(folder, 'freezer.state', 'FROZEN');
    return readKernelFile(join(folder, 'freezer.state'))?.trim() === 'FROZEN';
  });
}

/** Does nothing when it is not frozen, or gone. */
export function thawCgroup(cgroup: Cgroup): void {
  const [folder, file, value] =
    cgroup.version === 2
      ? [cgroup.folder, 'cgroup.freeze', '0']
      : [cgroup.folders.get('freezer'), 'freezer.state', 'THAWED'];
  if (folder === undefined || readKernelFile(join(folder, file)) === null) return;
  set(folder, file, value);
}

/** Removes it once nothing is in it any more: the kernel may take a moment to let go of what has ended. */
export async function removeCgroup(cgroup: Cgroup): Promise<void> {
  const folders = cgroup.version === 2 ? [cgroup.folder] : [...new Set(cgroup.folders.values())];
  for (const folder of folders) await until(() => removed(folder));
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY') return false;
    throw error;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the kernel did not change a cgroup in time');
    await delay(POLL_MS);
  }
}

function folderOf(cgroup: Cgroup, controller: string): string {
  const folder = cgroup.version === 2 ? cgroup.folder : cgroup.folders.get(controller);
  if (folder === undefined) throw new Error(`there is no cgroup controller ${controller}`);
  return folder;
}

const set = (folder: string, file: string, value: string): void => writeFileSync(join(folder, file), value);
