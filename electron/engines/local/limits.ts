import { readdirSync, statSync } from 'node:fs';
import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capability } from '../../../shared/model/engine.ts';
import type { LimitName, Limits } from '../../../shared/model/limits.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { ProcMark, ProcScan } from '../../lib/proc.ts';
import { ownLimit } from '../../lib/proc-linux.ts';
import { addedUpCpuTime, hostLimits } from '../host-limits.ts';

/** What resource limits (setrlimit(2)) can hold; they count per process or per user, never per sandbox. */
export function limitCapabilities(withRlimits: boolean): Record<LimitName, Capability> {
  const rlimit = (capability: Capability) =>
    withRlimits ? capability : unsupported('this system gives no way to set resource limits for a program');
  return {
    cpuCores: unsupported('a plain process may use every core'),
    memoryBytes: rlimit(bestEffort('address space of each process, not memory of all together')),
    processes: rlimit(
      bestEffort('the system counts all processes of the user, and does not count those of the administrator'),
    ),
    openFiles: rlimit(enforced('for each process')),
    fileSizeBytes: rlimit(enforced('for each process; the log of the main program is a file too')),
    ...hostLimits,
    cpuTimeMs: addedUpCpuTime,
    fuel: unsupported('instructions of a plain process are not counted'),
  };
}

/** Says which limit ended a program, where its signal tells. */
export function nameLimit({ code, signal }: Exit, limits: Limits): Exit {
  if (signal === 'SIGXCPU' && limits.cpuTimeMs !== undefined) return { code, signal, limit: 'cpuTimeMs' };
  if (signal === 'SIGXFSZ' && limits.fileSizeBytes !== undefined) return { code, signal, limit: 'fileSizeBytes' };
  return { code, signal };
}

/** Options of util-linux `prlimit` that put the mark and the limits of a spec on a program. */
export function prlimitOptions(
  { number, part = 0 }: ProcMark,
  limits: Limits,
  scan: () => ProcScan,
): readonly string[] {
  const options = [`--msgqueue=${number - part}:${number}`];
  const add = (name: string, row: string, value: number, hard = value) => {
    // What this process may not exceed itself it cannot hand on; the smaller value holds as well.
    const most = ownLimit(row)?.hard ?? Number.POSITIVE_INFINITY;
    options.push(`--${name}=${Math.min(value, most)}:${Math.min(hard, most)}`);
  };
  if (limits.openFiles !== undefined) add('nofile', 'Max open files', limits.openFiles);
  if (limits.fileSizeBytes !== undefined) add('fsize', 'Max file size', limits.fileSizeBytes);
  if (limits.memoryBytes !== undefined) add('as', 'Max address space', limits.memoryBytes);
  if (limits.cpuTimeMs !== undefined) {
    const seconds = Math.ceil(limits.cpuTimeMs / 1000);
    // SIGXCPU at the first, so that a program can say goodbye; SIGKILL at the second.
    add('cpu', 'Max cpu time', seconds, seconds + 1);
  }
  if (limits.processes !== undefined) {
    // The kernel counts everything that the user runs, so what runs already comes on top.
    add('nproc', 'Max processes', limits.processes + threadsOfUser(scan()));
  }
  return options;
}

function threadsOfUser({ all }: ProcScan): number {
  const uid = process.getuid?.();
  let threads = 0;
  for (const name of readdirSync('/proc')) {
    const proc = all.get(Number(name));
    const owner = proc && statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid;
    if (proc && owner === uid) threads += proc.threads;
  }
  return threads;
}

/** Below the smallest mark, so that the soft limit stays positive. */
export const PARTS = 4096;
const LARGEST_MARK = 819_199;
const SMALLEST_HARD_LIMIT = 4 * PARTS;

/**
 * The marks that this process may hand out: below its own hard limit (819200 by default), and not
 * below half of it, so that programs that use message queues still can. Null when there is no room.
 */
export function markRange(): { readonly first: number; readonly last: number } | null {
  const hard = ownLimit('Max msgqueue size')?.hard ?? 0;
  if (hard < SMALLEST_HARD_LIMIT) return null;
  const last = Math.min(hard - 1, LARGEST_MARK);
  return { first: Math.ceil((last + 1) / 2), last };
}
