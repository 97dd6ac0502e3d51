import { z } from 'zod';
import { sandboxIdSchema } from './sandbox.ts';
import { engineKindSchema } from './spec.ts';

export const eventTypes = [
  'created',
  'create_failed',
  'started',
  'stopped',
  'exited',
  'paused',
  'resumed',
  'rebuilt',
  'updated',
  'destroyed',
  'error',
  'limit_exceeded',
  'lost',
  'found',
  'adopted',
  'orphan_removed',
  'engine_unreachable',
  'engine_available',
  'consoles_ended',
  'store_damaged',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Something that happened, kept in the store. */
export const terrariumEventSchema = z.object({
  /** Rises by one an event; the cursor of `events.list`. */
  id: z.int(),
  at: z.number(),
  type: z.enum(eventTypes),
  sandboxId: sandboxIdSchema.nullable(),
  /** As it was called then. */
  sandboxName: z.string().nullable(),
  engine: engineKindSchema.nullable(),
  /** One sentence for a person. */
  message: z.string(),
});
export type TerrariumEvent = z.infer<typeof terrariumEventSchema>;
