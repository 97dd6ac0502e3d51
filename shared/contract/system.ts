import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { call } from './base.ts';

export const systemInfoSchema = z.object({
  version: z.string(),
  hostKind: z.enum(['web', 'desktop']),
  platform: z.string(),
  node: z.string(),
  cpus: z.int(),
  memoryBytes: z.number(),
  /** Where state is kept, for showing. */
  home: z.string(),
  /** What the user should know of this start, e.g. a database that was set aside. */
  notices: z.array(z.string()),
});
export type SystemInfo = z.infer<typeof systemInfoSchema>;

export const systemContract = {
  info: call(z.strictObject({}), systemInfoSchema),
  /** Brings the app's window to the front, at a sandbox when one is given. `shown` is false where there is no window. */
  show: call(z.strictObject({ sandboxId: sandboxIdSchema.optional() }), z.object({ shown: z.boolean() })),
};
