import { expect, it } from 'vitest';
import { createMonotonic } from './process-io.ts';
import { parseStats } from './stats-stream.ts';

const message = {
  read: '2026-11-21T22:40:01.1Z',
  cpu_stats: { cpu_usage: { total_usage: 53_520_384 } },
  memory_stats: { usage: 22_200_320, limit: 67_108_864, stats: { inactive_file: 20_971_520 } },
  pids_stats: { current: 3 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 253, minor: 0, op: 'Read', value: 10 },
      { major: 253, minor: 0, op: 'write', value: 20 },
    ],
  },
  networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
};

it('reads the API’s statistics', () => {
  expect(parseStats(message)).toMatchObject({
    cpuNs: 53_520_384,
    memoryBytes: 22_200_320 - 20_971_520,
    memoryLimitBytes: 67_108_864,
    pids: 3,
    diskReadBytes: 10,
    diskWriteBytes: 20,
    networkRxBytes: 11,
    networkTxBytes: 22,
  });
});

it('prefers v1’s total over the cgroup’s own cache', () => {
  const stats = { inactive_file: 1, total_inactive_file: 200_320 };
  const v1 = { ...message, memory_stats: { ...message.memory_stats, stats } };
  expect(parseStats(v1)?.memoryBytes).toBe(22_000_000);
});

it.each([
  {},
  { read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } } },
  { ...message, cpu_stats: {}, memory_stats: {} },
])('has nothing to say of what does not run', (nothing) => {
  expect(parseStats(nothing)).toBeNull();
});

it('never lets a sum fall', () => {
  const counter = createMonotonic();
  expect([5, 9, 4, 6, 0, 1].map(counter)).toEqual([5, 9, 9, 11, 11, 12]);
});
