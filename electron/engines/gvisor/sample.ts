import type { Counters } from '../../../shared/model/sample.ts';
import { readCgroupCounters } from '../../lib/cgroup-counters.ts';
import { descendants, type ProcScan } from '../../lib/proc.ts';
import { memoryShareOf } from '../../lib/proc-share.ts';
import { boxPaths, readCgroup } from '../bubblewrap/box.ts';
import type { Launcher, LocalSandbox, SandboxPlace } from '../local/launcher.ts';

const notCounted = { memoryLimitBytes: null, diskReadBytes: null, diskWriteBytes: null } as const;

/**
 * Counters of a whole sandbox, gVisor itself included: of its cgroup, else added up over the processes
 * that `runsc run` has started, which take over from each other what ends.
 */
export function createSampling(): {
  readonly sample: NonNullable<Launcher['sample']>;
  readonly forget: (place: SandboxPlace) => void;
} {
  /** Counters never fall within one start, which the mark names. */
  const highest = new Map<string, { readonly mark: number; readonly cpuNs: number }>();

  const addUp = ({ id, manifest: { main, mark } }: LocalSandbox, scan: () => ProcScan) => {
    const procs = main === null ? [] : descendants(scan(), [main.pid]);
    const before = highest.get(id);
    const counted = procs.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
    const cpuNs = before?.mark === mark ? Math.max(before.cpuNs, counted) : counted;
    highest.set(id, { mark, cpuNs });
    // gVisor keeps the memory of all programs in one file, which its processes share.
    const memoryBytes = procs.reduce((sum, { pid }) => sum + (memoryShareOf(pid) ?? 0), 0);
    return { cpuNs, memoryBytes, pids: procs.length, ...notCounted };
  };

  return {
    async sample(sandbox, scan): Promise<Counters> {
      const cgroup = await readCgroup(boxPaths(sandbox));
      const counted = cgroup && readCgroupCounters(cgroup);
      const counters = counted && counted.cpuNs !== null ? counted : addUp(sandbox, scan);
      return { ...counters, networkRxBytes: null, networkTxBytes: null, at: Date.now() };
    },
    forget: ({ id }) => void highest.delete(id),
  };
}
