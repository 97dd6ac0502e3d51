import { readKernelFile } from './cgroup.ts';

/**
 * A process's part of memory in bytes, with its share of what it has in common with others (Pss, see
 * proc_pid_smaps(5)); null when it is gone or not ours to look at. Costs the kernel a walk over its pages.
 */
export function memoryShareOf(pid: number): number | null {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readKernelFile(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
