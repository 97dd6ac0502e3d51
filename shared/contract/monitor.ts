import { z } from 'zod';
import { samplePointSchema, sandboxPointSchema } from '../model/sample.ts';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { stream } from './base.ts';

/** 0.2 to 10 Hz. */
const intervalMs = z.int().min(100, 'at least 100 ms (10 Hz)').max(5000, 'at most 5000 ms (0.2 Hz)');

export const monitorItemSchema = z.discriminatedUnion('type', [
  /** First item: what was measured before, oldest first, coarser with age. */
  z.object({ type: z.literal('history'), points: z.array(samplePointSchema).readonly() }),
  z.object({ type: z.literal('point'), point: samplePointSchema }),
]);
export type MonitorItem = z.infer<typeof monitorItemSchema>;

export const monitorContract = {
  /** One sandbox: up to an hour of history, then live points. */
  watch: stream(
    z.strictObject({
      id: sandboxIdSchema,
      intervalMs: intervalMs.default(1000),
      historyMs: z.int().min(0).max(3_600_000).default(3_600_000),
    }),
    monitorItemSchema,
  ),
  /** All running sandboxes at once, for the list: a batch a tick, beginning with a minute of history. */
  watchAll: stream(z.strictObject({ intervalMs: intervalMs.default(2000) }), z.array(sandboxPointSchema).readonly()),
};
