import { z } from 'zod';
import { engineKindSchema, imageReferenceSchema } from '../model/spec.ts';
import { call, stream } from './base.ts';

export const imageSchema = z.object({
  /** The engine's id, e.g. `sha256:…`. */
  id: z.string(),
  /** e.g. `busybox:latest`; empty for an untagged image. */
  tags: z.array(z.string()),
  sizeBytes: z.number(),
  createdAt: z.number().nullable(),
});
export type Image = z.infer<typeof imageSchema>;

export const pullItemSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('layer'),
    /** The layer's short id. */
    layer: z.string(),
    /** e.g. `Downloading`, in the engine's words. */
    status: z.string(),
    currentBytes: z.number().nullable(),
    totalBytes: z.number().nullable(),
  }),
  z.object({ type: z.literal('status'), message: z.string() }),
  z.object({ type: z.literal('done'), image: imageSchema }),
]);
export type PullItem = z.infer<typeof pullItemSchema>;

export const imagesContract = {
  list: call(z.strictObject({ engine: engineKindSchema }), z.array(imageSchema).readonly()),
  /** Aborting the stream cancels the pull. Ends with `done`. */
  pull: stream(z.strictObject({ engine: engineKindSchema, reference: imageReferenceSchema }), pullItemSchema),
};
