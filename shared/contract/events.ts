import { z } from 'zod';
import { terrariumEventSchema } from '../model/event.ts';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { call, stream } from './base.ts';

export const eventsContract = {
  /** Newest first. `before` pages on: the id of the last event that was seen. */
  list: call(
    z.strictObject({
      sandboxId: sandboxIdSchema.optional(),
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    z.array(terrariumEventSchema).readonly(),
  ),
  /** Events as they happen, from now on. */
  watch: stream(z.strictObject({ sandboxId: sandboxIdSchema.optional() }), terrariumEventSchema),
};
