import type Dockerode from 'dockerode';
import type { Counters } from '../../../shared/model/sample.ts';
import { type Cgroup, cgroupProcesses, findCgroup, readKernelFile } from '../../lib/cgroup.ts';
import { parseNetDev, readCgroupCounters } from '../../lib/cgroup-counters.ts';
import { memoryShareOf } from '../../lib/proc-share.ts';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { processesOf, readMembership } from './container-processes.ts';
import { isGone } from './errors.ts';
import { isGvisorProcess } from './gvisor.ts';
import { createProcessCounters } from './process-counters.ts';
import { createIoCounter } from './process-io.ts';
import { createStatsStreams, parseStats } from './stats-stream.ts';

/** What is remembered of a container between two samples. */
interface Source {
  readonly pid: number;
  /** /proc/PID/cgroup when it was looked up: tells whether the pid is still the same container's. */
  readonly membership: string;
  readonly read: () => Counters | null;
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
    if (membership === null) return 'remote';
    const cgroup = membership.includes(info.Id) ? findCgroup(membership) : null;
    if (cgroup === null && processesOf(pid) === null) return 'remote';
    const read = cgroup === null ? processReader(pid) : cgroupReader(pid, cgroup);
    const source = { pid, membership, read };
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
      if (found === 'remote') return await ask(client, ref);
      return found && readSource(found);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  };

  const ask = (client: OciClient, ref: EngineRef) =>
    client.dialect.statistics === 'stream' ? streams.latest(client, ref) : askOnce(client, ref);

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

function readSource({ pid, membership, read }: Source): Counters | null {
  return readMembership(pid) === membership ? read() : null;
}

function cgroupReader(pid: number, cgroup: Cgroup): Source['read'] {
  const io = createIoCounter();
  return () => {
    const counters = readCgroupCounters(cgroup);
    const network = readKernelFile(`/proc/${pid}/net/dev`);
    if (counters === null || network === null) return null;
    // v1 counts no disk until a device was throttled once: then the processes' own counters must do.
    const disk = counters.diskReadBytes === null ? io.read(cgroupProcesses(cgroup)) : {};
    return { at: Date.now(), ...counters, ...disk, ...parseNetDev(network) };
  };
}

function processReader(pid: number): Source['read'] {
  // gVisor keeps the memory of all programs in one file, which its processes share.
  const counters = createProcessCounters(isGvisorProcess(pid) ? memoryShareOf : undefined);
  return () => {
    const pids = processesOf(pid);
    return pids && counters.read(pids);
  };
}

async function askOnce(client: OciClient, ref: EngineRef): Promise<Counters | null> {
  // The types do not know that the signal is taken here as well.
  const ask = (docker: Dockerode, abortSignal: AbortSignal): Promise<unknown> =>
    docker.getContainer(ref).stats({ stream: false, ...({ abortSignal } as object) });
  return parseStats(await client.call('read statistics', ask));
}
