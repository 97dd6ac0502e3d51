import { join } from 'node:path';
import type { Counters } from '../../shared/model/sample.ts';
import { type Cgroup, readKernelFile } from './cgroup.ts';

/** What a cgroup's own files count; null is "not counted here". Memory is without inactive page cache, which the kernel takes back first. */
export type CgroupCounters = Pick<Counters, 'cpuNs' | 'memoryBytes' | 'memoryLimitBytes' | 'pids'> & DiskCounters;

export type DiskCounters = Pick<Counters, 'diskReadBytes' | 'diskWriteBytes'>;

/** Reads each file once. Null when the cgroup is gone. */
export function readCgroupCounters(cgroup: Cgroup): CgroupCounters | null {
  return cgroup.version === 1 ? readV1(cgroup.folders) : readV2(cgroup.folder);
}

function readV1(folders: ReadonlyMap<string, string>): CgroupCounters | null {
  const read = (controller: string, file: string) => {
    const folder = folders.get(controller);
    return folder === undefined ? null : readKernelFile(join(folder, file));
  };
  const cpu = read('cpuacct', 'cpuacct.usage');
  const stat = read('memory', 'memory.stat');
  if (cpu === null && stat === null) return null;
  const cache = stat === null ? null : keyValue(stat, 'total_inactive_file');
  return {
    cpuNs: count(cpu),
    memoryBytes: without(count(read('memory', 'memory.usage_in_bytes')), cache),
    memoryLimitBytes: stat === null ? null : v1Limit(keyValue(stat, 'hierarchical_memory_limit')),
    pids: count(read('pids', 'pids.current')),
    ...parseBlkio(read('blkio', 'blkio.throttle.io_service_bytes_recursive') ?? ''),
  };
}

function readV2(folder: string): CgroupCounters | null {
  const read = (file: string) => readKernelFile(join(folder, file));
  const cpu = read('cpu.stat');
  if (cpu === null) return null;
  const usage = keyValue(cpu, 'usage_usec');
  const cache = keyValue(read('memory.stat') ?? '', 'inactive_file');
  return {
    cpuNs: usage === null ? null : usage * 1000,
    memoryBytes: without(count(read('memory.current')), cache),
    memoryLimitBytes: count(read('memory.max')),
    pids: count(read('pids.current')),
    ...parseIoStat(read('io.stat') ?? ''),
  };
}

/** A file that holds one number; `max` (v2's "no limit") and anything else is null. */
function count(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** A line `key 123` of a flat file, without splitting the whole of it. */
export function keyValue(text: string, key: string): number | null {
  const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  if (start === 0 && !text.startsWith(`${key} `)) return null;
  const from = start + key.length + 1;
  const end = text.indexOf('\n', from);
  return Number(text.slice(from, end === -1 ? undefined : end));
}

function without(usage: number | null, cache: number | null): number | null {
  return usage === null ? null : Math.max(0, usage - (cache ?? 0));
}

/** v1 writes "no limit" as the largest multiple of a page, near 2^63. */
function v1Limit(bytes: number | null): number | null {
  return bytes === null || bytes > Number.MAX_SAFE_INTEGER ? null : bytes;
}

/**
 * v1's blkio.throttle.io_service_bytes_recursive: `253:0 Read 4096` a device and direction. Without a
 * device's line nothing was counted: the kernel begins to count a device when it is first throttled.
 */
export function parseBlkio(text: string): DiskCounters {
  let read = 0;
  let write = 0;
  let counted = false;
  for (const line of text.split('\n')) {
    const [device, direction, bytes] = line.split(' ');
    if (!device?.includes(':')) continue;
    counted = true;
    if (direction === 'Read') read += Number(bytes);
    if (direction === 'Write') write += Number(bytes);
  }
  return counted ? { diskReadBytes: read, diskWriteBytes: write } : { diskReadBytes: null, diskWriteBytes: null };
}

/** v2's io.stat: `253:0 rbytes=1 wbytes=2 rios=…` a device. Empty: nothing was read or written yet. */
export function parseIoStat(text: string): DiskCounters {
  let read = 0;
  let write = 0;
  for (const [, key, bytes] of text.matchAll(/\b(rbytes|wbytes)=(\d+)/g)) {
    if (key === 'rbytes') read += Number(bytes);
    else write += Number(bytes);
  }
  return { diskReadBytes: read, diskWriteBytes: write };
}

export interface NetworkCounters {
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
}

/** /proc/PID/net/dev, summed over all interfaces but the loopback. */
export function parseNetDev(text: string): NetworkCounters {
  let rx = 0;
  let tx = 0;
  for (const line of text.split('\n').slice(2)) {
    const [name, numbers] = line.split(':');
    if (numbers === undefined || name?.trim() === 'lo') continue;
    const fields = numbers.trim().split(/\s+/);
    rx += Number(fields[0]);
    tx += Number(fields[8]);
  }
  return { networkRxBytes: rx, networkTxBytes: tx };
}
