import type { Counters } from '../../../shared/model/sample.ts';
import { readKernelFile } from '../../lib/cgroup.ts';
import { parseNetDev } from '../../lib/cgroup-counters.ts';
import { createLinuxProcTable, readProc } from '../../lib/proc-linux.ts';
import { createMonotonic } from './process-io.ts';

/**
 * Counters of a container without a cgroup of its own, added up over its processes. CPU time of one
 * that its parent waited for goes on in the parent; what an exec took with it is remembered, so that
 * the sum never falls. Memory that processes share is counted once for each, unless `memoryOf` says it better.
 */
export function createProcessCounters(memoryOf: (pid: number) => number | null = () => null) {
  const table = createLinuxProcTable();
  const total = { cpu: createMonotonic(), read: createMonotonic(), write: createMonotonic() };
  return {
    /** Null when none of them is there any more. */
    read(pids: readonly number[]): Counters | null {
      let [cpuNs, memoryBytes, threads, read, write] = [0, 0, 0, 0, 0];
      for (const pid of pids) {
        const proc = readProc(pid);
        if (proc === null || proc.state === 'zombie') continue;
        const use = table.use(proc);
        cpuNs += proc.cpuNs;
        memoryBytes += memoryOf(pid) ?? use.memoryBytes ?? proc.residentBytes;
        threads += proc.threads;
        read += use.diskReadBytes ?? 0;
        write += use.diskWriteBytes ?? 0;
      }
      const network = readKernelFile(`/proc/${pids[0]}/net/dev`);
      if (threads === 0 || network === null) return null;
      return {
        at: Date.now(),
        cpuNs: total.cpu(cpuNs),
        memoryBytes,
        memoryLimitBytes: null,
        pids: threads,
        diskReadBytes: total.read(read),
        diskWriteBytes: total.write(write),
        ...parseNetDev(network),
      };
    },
  };
}
