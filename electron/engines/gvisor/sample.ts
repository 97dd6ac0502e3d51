import type { Counters } from '../../../shared/model/sample.ts';
import { readCgroupCounters } from '../../lib/cgroup-counters.ts';
import { boxPaths, readCgroup } from '../bubblewrap/box.ts';
import type { LocalSandbox } from '../local/launcher.ts';

/** Of the whole sandbox, gVisor itself included; null without a cgroup of its own. */
export async function sampleSandbox(sandbox: LocalSandbox): Promise<Counters | null> {
  const cgroup = await readCgroup(boxPaths(sandbox));
  const counted = cgroup && readCgroupCounters(cgroup);
  if (!counted || counted.cpuNs === null) return null;
  return { ...counted, networkRxBytes: null, networkTxBytes: null, at: Date.now() };
}
