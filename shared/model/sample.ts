import { z } from 'zod';
import { sandboxIdSchema } from './sandbox.ts';

const counter = z.number().nullable();

/** Counters of one sandbox at one moment; null is "cannot be measured here". */
export interface Counters {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** CPU time used since the start, in nanoseconds. */
  readonly cpuNs: number | null;
  /** Memory in use without reclaimable page cache. */
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** Processes (and, where the kernel counts them so, threads). */
  readonly pids: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  readonly networkRxBytes: number | null;
  readonly networkTxBytes: number | null;
  /** Instructions burned since the start; missing where no fuel is counted. */
  readonly fuelConsumed?: number | null;
  /** The largest linear memory of its WebAssembly programs, each of which has a limit of its own; missing for all else. */
  readonly linearMemoryBytes?: number | null;
}

/** What charts draw: rates derived from two successive counters. */
export const samplePointSchema = z.object({
  at: z.number(),
  /** Cores in use: 1.5 is one and a half. */
  cpuCores: counter,
  memoryBytes: counter,
  memoryLimitBytes: counter,
  pids: counter,
  diskReadBytesPerSecond: counter,
  diskWriteBytesPerSecond: counter,
  networkRxBytesPerSecond: counter,
  networkTxBytesPerSecond: counter,
  fuelPerSecond: counter,
  linearMemoryBytes: counter,
});
export type SamplePoint = z.infer<typeof samplePointSchema>;

export const sandboxPointSchema = z.object({ sandboxId: sandboxIdSchema, point: samplePointSchema });
export type SandboxPoint = z.infer<typeof sandboxPointSchema>;
