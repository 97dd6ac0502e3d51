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
  /**
   * Output of the main program in batches of lines: the last `tail`, then (with `follow`) what comes. With `since` only
   * what was written from then on (milliseconds since the epoch): `unsupported` without the capability `logTimes`.
   */
  follow: stream(
    z.strictObject({
      id: sandboxIdSchema,
      /** When missing: 1000, or with `since` all of them. */
      tail: z.int().min(0).max(100_000).optional(),
      since: z.int().min(0).optional(),
      follow: z.boolean().default(true),
    }),
    z.array(logLineSchema).readonly(),
  ),
};
