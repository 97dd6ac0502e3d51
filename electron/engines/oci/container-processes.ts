import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cgroupProcesses, findCgroup } from '../../lib/cgroup.ts';
import { descendants } from '../../lib/proc.ts';
import { createLinuxProcTable, namespacePids } from '../../lib/proc-linux.ts';
import type { OciClient } from './client.ts';
import { isGvisorProcess } from './gvisor.ts';

/**
 * Pids, as this machine counts them, of all that runs in a container; null where this host cannot
 * see them (another machine, a VM, gVisor's kernel). The container's own id in the cgroup's path proves that they are
 * its processes, and not others that happen to have the same numbers here.
 */
export async function containerProcesses(client: OciClient, ref: string): Promise<readonly number[] | null> {
  if (!client.local || process.platform !== 'linux') return null;
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  if (!info.State.Running || info.State.Pid === 0) return [];
  if (isGvisorProcess(info.State.Pid)) return null;
  const membership = readMembership(info.State.Pid);
  const cgroup = membership?.includes(info.Id) ? findCgroup(membership) : null;
  return cgroup === null ? namespaceProcesses(info.State.Pid) : cgroupProcesses(cgroup);
}

/**
 * What shares the pid namespace that `pid` is the first process of: a container without a cgroup of
 * its own (rootless, cgroup v1). Null when `pid` is not that: then it is another machine's number.
 */
export function namespaceProcesses(pid: number): readonly number[] | null {
  const namespace = readNamespace(pid);
  if (namespace === null || !isFirstInNamespace(pid)) return null;
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => each > 0 && readNamespace(each) === namespace);
}

/**
 * What a container without a cgroup of its own consists of, for its counters, by its first process: the
 * namespace's processes, or gVisor's kernel and those that it keeps. Null as above.
 */
export function processesOf(pid: number): readonly number[] | null {
  if (!isGvisorProcess(pid)) return namespaceProcesses(pid);
  return descendants(table.scan(), [pid]).map((proc) => proc.pid);
}

const table = createLinuxProcTable();

function readNamespace(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null; // it has ended, or is another user's
  }
}

/** Its number within its innermost namespace is 1, and that is not this process's own namespace. */
function isFirstInNamespace(pid: number): boolean {
  const numbers = namespacePids(pid) ?? [];
  return numbers.length > 1 && numbers.at(-1) === 1;
}

/** /proc/PID/cgroup; null when there is no such process here. */
export function readMembership(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return null;
  }
}
