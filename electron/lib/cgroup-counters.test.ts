import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyValue, parseBlkio, parseIoStat, parseNetDev, readCgroupCounters } from './cgroup-counters.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'terrarium-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (folder: string, files: Readonly<Record<string, string>>) => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};

describe('counters of cgroup v1', () => {
  // Captured from a container with a limit of 64 MiB that had written 20 MiB to a file.
  const MEMORY_STAT = `cache 20971520
rss 57344
inactive_file 20971520
active_file 0
hierarchical_memory_limit 67108864
total_cache 20971520
total_rss 57344
total_inactive_anon 53248
total_inactive_file 20971520
total_active_file 0
`;
  const read = (stat = MEMORY_STAT) => {
    write(join(root, 'memory'), { 'memory.stat': stat, 'memory.usage_in_bytes': '22200320\n' });
    write(join(root, 'cpuacct'), { 'cpuacct.usage': '53520384\n' });
    write(join(root, 'pids'), { 'pids.current': '1\n' });
    write(join(root, 'blkio'), { 'blkio.throttle.io_service_bytes_recursive': 'Total 0\n' });
    const folders = new Map(['memory', 'cpuacct', 'pids', 'blkio'].map((name) => [name, join(root, name)]));
    return readCgroupCounters({ version: 1, folders });
  };

  it('takes inactive page cache off memory', () => {
    expect(read()).toEqual({
      cpuNs: 53_520_384,
      memoryBytes: 22_200_320 - 20_971_520,
      memoryLimitBytes: 67_108_864,
      pids: 1,
      diskReadBytes: null,
      diskWriteBytes: null,
    });
  });

  it('knows how "no limit" is written', () => {
    const stat = MEMORY_STAT.replace('67108864', '9223372036854771712');
    expect(read(stat)?.memoryLimitBytes).toBeNull();
  });

  it('is null when the cgroup is gone', () => {
    expect(readCgroupCounters({ version: 1, folders: new Map([['memory', join(root, 'gone')]]) })).toBeNull();
  });
});

describe('counters of cgroup v2', () => {
  const files = {
    'cpu.stat': 'usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\nnr_periods 0\n',
    'memory.stat': 'anon 1048576\nfile 4194304\nactive_file 1048576\ninactive_file 3145728\n',
    'memory.current': '6291456\n',
    'memory.max': '268435456\n',
    'pids.current': '7\n',
    'io.stat': '253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:0 rbytes=1024 wbytes=0 rios=1 wios=0\n',
  };

  it('come from one file each', () => {
    write(root, files);
    expect(readCgroupCounters({ version: 2, folder: root })).toEqual({
      cpuNs: 1_234_567_000,
      memoryBytes: 6_291_456 - 3_145_728,
      memoryLimitBytes: 268_435_456,
      pids: 7,
      diskReadBytes: 5120,
      diskWriteBytes: 8192,
    });
  });

  it('have no limit where it says max, and null for controllers that are off', () => {
    write(root, { 'cpu.stat': files['cpu.stat'], 'memory.max': 'max\n' });
    expect(readCgroupCounters({ version: 2, folder: root })).toMatchObject({
      cpuNs: 1_234_567_000,
      memoryBytes: null,
      memoryLimitBytes: null,
      pids: null,
    });
  });

  it('is null when the cgroup is gone', () => {
    expect(readCgroupCounters({ version: 2, folder: join(root, 'gone') })).toBeNull();
  });
});

describe('parsers', () => {
  it('adds up the devices of blkio', () => {
    const text =
      '253:0 Read 4096\n253:0 Write 100\n253:0 Sync 4196\n253:0 Total 4196\n7:1 Read 4\n7:1 Write 1\nTotal 4201\n';
    expect(parseBlkio(text)).toEqual({ diskReadBytes: 4100, diskWriteBytes: 101 });
  });

  it('does not take "not counted" for zero in blkio, but does in io.stat', () => {
    expect(parseBlkio('Total 0\n').diskReadBytes).toBeNull();
    expect(parseIoStat('')).toEqual({ diskReadBytes: 0, diskWriteBytes: 0 });
  });

  it('sums network interfaces without the loopback', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
  eth0:    1296      16    0    0    0     0          0         0      420       5    0    0    0     0       0          0
  eth1:1000       1    0    0    0     0          0         0     2000       2    0    0    0     0       0          0
`;
    expect(parseNetDev(text)).toEqual({ networkRxBytes: 2296, networkTxBytes: 2420 });
  });

  it('finds a whole key only', () => {
    expect(keyValue('total_cache 5\ncache 7', 'cache')).toBe(7);
    expect(keyValue('cache 5\nx 7', 'cache')).toBe(5);
    expect(keyValue('total_cache 5', 'cache')).toBeNull();
  });
});
