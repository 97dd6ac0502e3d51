import type { Counters, SamplePoint } from '../../../shared/model/sample.ts';

/** Rates between two readings; null where either reading is missing or a counter went back (a restart). */
export function derive(before: Counters | undefined, now: Counters): SamplePoint {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const rate = (from: number | null | undefined, to: number | null | undefined): number | null => {
    if (from === null || from === undefined || to === null || to === undefined || seconds <= 0 || to < from)
      return null;
    return (to - from) / seconds;
  };
  const cpuNsPerSecond = rate(before?.cpuNs, now.cpuNs);
  return {
    at: now.at,
    cpuCores: cpuNsPerSecond === null ? null : cpuNsPerSecond / 1e9,
    memoryBytes: now.memoryBytes,
    memoryLimitBytes: now.memoryLimitBytes,
    pids: now.pids,
    diskReadBytesPerSecond: rate(before?.diskReadBytes, now.diskReadBytes),
    diskWriteBytesPerSecond: rate(before?.diskWriteBytes, now.diskWriteBytes),
    networkRxBytesPerSecond: rate(before?.networkRxBytes, now.networkRxBytes),
    networkTxBytesPerSecond: rate(before?.networkTxBytes, now.networkTxBytes),
    fuelPerSecond: rate(before?.fuelConsumed, now.fuelConsumed),
    linearMemoryBytes: now.linearMemoryBytes ?? null,
  };
}
