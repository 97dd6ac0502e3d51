import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { stream } from './base.ts';

export const logLineSchema = z.object({
  /** Milliseconds since the epoch; null where the engine does not keep it. */
  at: z.number().nullable(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const logsContract = {
  /** Output of the main program in batches of lines: the last `tail`, then (with `follow`) what comes. */
  follow: stream(
    z.strictObject({
      id: sandboxIdSchema,
      tail: z.int().min(0).max(100_000).default(1000),
      follow: z.boolean().default(true),
    }),
    z.array(logLineSchema).readonly(),
  ),
};
