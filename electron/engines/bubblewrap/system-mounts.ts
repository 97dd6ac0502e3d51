import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Mount } from './mount-plan.ts';

/** What programs come from. Where the system has merged them into /usr they are links, and stay such. */
const PROGRAMS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store'];

/** The system's programs and libraries, read-only. */
export function systemMounts(): readonly Mount[] {
  return PROGRAMS.flatMap((path) => asIs(path) ?? []);
}

/** A link stays a link, so that what it names is looked up inside. */
function asIs(path: string): Mount | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return null;
  if (found.isSymbolicLink()) return { type: 'link', target: readlinkSync(path), path };
  return { type: 'bind', source: path, path, readOnly: true };
}

/**
 * Settings of the kernel are guarded by the user's id alone: to a sandbox of root's they would be open,
 * capabilities or not. And some files tell of the whole machine.
 */
const SETTINGS_OF_KERNEL = ['sys', 'sysrq-trigger', 'fs', 'mtrr', 'acpi', 'asound', 'scsi', 'driver'];
const TELLTALES = ['kcore', 'kmsg', 'kallsyms', 'keys', 'key-users', 'latency_stats', 'sched_debug', 'timer_list'];

function kernelMounts(): readonly Mount[] {
  const there = (names: readonly string[]) => names.map((name) => `/proc/${name}`).filter((path) => existsSync(path));
  return [
    ...there(SETTINGS_OF_KERNEL).map((path) => ({ type: 'bind', source: path, path, readOnly: true }) as const),
    ...there(TELLTALES).map((path) => ({ type: 'bind', source: '/dev/null', path, readOnly: true }) as const),
  ];
}

/** Private to each sandbox, and in memory. `bytes`: of /tmp and of /dev/shm, each. */
export function privateMounts(bytes: number): readonly Mount[] {
  return [
    { type: 'processes', path: '/proc' },
    ...kernelMounts(),
    { type: 'devices', path: '/dev' },
    { type: 'memory', path: '/dev/shm', mode: '1777', bytes },
    // Else what is written there would be bounded by half of the machine's memory only.
    { type: 'seal', path: '/dev' },
    { type: 'memory', path: '/tmp', mode: '1777', bytes },
    { type: 'folder', path: '/var' },
    { type: 'link', target: '/tmp', path: '/var/tmp' },
    { type: 'folder', path: '/run' },
    { type: 'link', target: '/run', path: '/var/run' },
  ];
}
