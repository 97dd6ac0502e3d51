import { z } from 'zod';
import { errorCodes } from './app-error.ts';

export * from './app-error.ts';

export const appErrorDataSchema = z.object({
  code: z.enum(errorCodes),
  /** What went wrong, in the user's words. */
  message: z.string(),
  /** What to do about it. */
  hint: z.string().optional(),
  /** Facts for the program that called, e.g. `{ field: 'spec.name' }`. */
  details: z.record(z.string(), z.json()).optional(),
});

export type AppErrorData = z.infer<typeof appErrorDataSchema>;
