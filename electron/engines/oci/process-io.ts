import { readKernelFile } from '../../lib/cgroup.ts';
import { type DiskCounters, keyValue } from '../../lib/cgroup-counters.ts';

export interface IoCounter {
  readonly read: (pids: readonly number[]) => DiskCounters;
}

const UNKNOWN: DiskCounters = { diskReadBytes: null, diskWriteBytes: null };
/** Beyond this, adding up costs more than the number is worth. */
const MOST_PROCESSES = 256;

/**
 * Adds up /proc/PID/io over a container's processes. A process that its parent waited for is counted
 * on in the parent (kernel/exit.c), so the sum only falls when one ends whose parent is outside, e.g.
 * an exec. What is lost then is remembered, so that the counter never falls.
 */
export function createIoCounter(): IoCounter {
  const state = { read: createMonotonic(), write: createMonotonic() };
  return {
    read(pids) {
      if (pids.length === 0 || pids.length > MOST_PROCESSES) return UNKNOWN;
      let read = 0;
      let write = 0;
      for (const pid of pids) {
        const text = readKernelFile(`/proc/${pid}/io`);
        if (text === null) continue;
        read += keyValue(text, 'read_bytes:') ?? 0;
        write += keyValue(text, 'write_bytes:') ?? 0;
      }
      return { diskReadBytes: state.read(read), diskWriteBytes: state.write(write) };
    },
  };
}

export function createMonotonic(): (sum: number) => number {
  let last = 0;
  let lost = 0;
  return (sum) => {
    if (sum < last) lost += last - sum;
    last = sum;
    return sum + lost;
  };
}
