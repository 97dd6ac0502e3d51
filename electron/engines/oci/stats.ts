import type { Counters } from '../../../shared/model/sample.ts';
import { type Cgroup, cgroupProcesses, findCgroup, readKernelFile } from '../../lib/cgroup.ts';
import { parseNetDev, readCgroupCounters } from '../../lib/cgroup-counters.ts';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { readMembership } from './container-processes.ts';
import { isGone } from './errors.ts';
import { createIoCounter, type IoCounter } from './process-io.ts';
import { createStatsStreams } from './stats-stream.ts';

/** What is remembered of a container between two samples. */
interface Source {
  readonly pid: number;
  /** /proc/PID/cgroup when it was looked up: tells whether the pid is still the same container's. */
  readonly membership: string;
  readonly cgroup: Cgroup;
  readonly io: IoCounter;
}

export interface Sampler {
  readonly sample: (client: OciClient, refs: readonly EngineRef[]) => Promise<ReadonlyMap<EngineRef, Counters>>;
  readonly dispose: () => void;
}

/**
 * Counters from the kernel's files where this host sees them (about 0.1 ms a container, against 1 to
 * 2 s of the API on some versions), else from one long-lived stream of the API a container.
 */
export function createSampler(): Sampler {
  const sources = new Map<EngineRef, Source>();
  const streams = createStatsStreams();

  /** Null: it does not run. `remote`: it does, but not where this host could look. */
  const lookUp = async (client: OciClient, ref: EngineRef): Promise<Source | 'remote' | null> => {
    const info = await client.call('inspect the container', (docker, abortSignal) =>
      docker.getContainer(ref).inspect({ abortSignal }),
    );
    const { Running, Pid: pid } = info.State;
    if (!Running || pid === 0) return null;
    const membership = client.local && process.platform === 'linux' ? readMembership(pid) : null;
    if (membership === null || !membership.includes(info.Id)) return 'remote';
    const cgroup = findCgroup(membership);
    if (cgroup === null) return 'remote';
    const source = { pid, membership, cgroup, io: createIoCounter() };
    sources.set(ref, source);
    return source;
  };

  const one = async (client: OciClient, ref: EngineRef): Promise<Counters | null> => {
    const known = sources.get(ref);
    const counters = known && readSource(known);
    if (counters) return counters;
    sources.delete(ref);
    try {
      const found = await lookUp(client, ref);
      if (found === 'remote') return await streams.latest(client, ref);
      return found && readSource(found);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  };

  return {
    async sample(client, refs) {
      const found = new Map<EngineRef, Counters>();
      await Promise.all(
        refs.map(async (ref) => {
          const counters = await one(client, ref);
          if (counters) found.set(ref, counters);
        }),
      );
      forgetOthers(sources, refs);
      return found;
    },
    dispose: streams.dispose,
  };
}

/** Keeps what is remembered bounded; forgetting costs one inspect at the next sample. */
function forgetOthers(sources: Map<EngineRef, Source>, refs: readonly EngineRef[]): void {
  if (sources.size <= 256) return;
  const wanted = new Set(refs);
  for (const ref of sources.keys()) if (!wanted.has(ref)) sources.delete(ref);
}

function readSource({ pid, membership, cgroup, io }: Source): Counters | null {
  if (readMembership(pid) !== membership) return null;
  const counters = readCgroupCounters(cgroup);
  const network = readKernelFile(`/proc/${pid}/net/dev`);
  if (counters === null || network === null) return null;
  // v1 counts no disk until a device was throttled once: then the processes' own counters must do.
  const disk = counters.diskReadBytes === null ? io.read(cgroupProcesses(cgroup)) : {};
  return { at: Date.now(), ...counters, ...disk, ...parseNetDev(network) };
}
