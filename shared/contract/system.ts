import { z } from 'zod';
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

export const systemContract = { info: call(z.strictObject({}), systemInfoSchema) };
