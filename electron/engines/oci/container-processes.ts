import { readFileSync } from 'node:fs';
import { cgroupProcesses, findCgroup } from '../../lib/cgroup.ts';
import type { OciClient } from './client.ts';

/**
 * Pids, as this machine counts them, of all that runs in a container; null where this host cannot
 * see them (another machine, a VM). The container's own id in the cgroup's path proves that they are
 * its processes, and not others that happen to have the same numbers here.
 */
export async function containerProcesses(client: OciClient, ref: string): Promise<readonly number[] | null> {
  if (!client.local || process.platform !== 'linux') return null;
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  if (!info.State.Running || info.State.Pid === 0) return [];
  const membership = readMembership(info.State.Pid);
  if (membership === null || !membership.includes(info.Id)) return null;
  const cgroup = findCgroup(membership);
  return cgroup === null ? null : cgroupProcesses(cgroup);
}

/** /proc/PID/cgroup; null when there is no such process here. */
export function readMembership(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return null;
  }
}
