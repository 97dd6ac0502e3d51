import { z } from 'zod';
import { call } from './base.ts';

const port = z.int().min(1024, 'at least 1024').max(65_535, 'at most 65535');

export const portRangeSchema = z
  .strictObject({ first: port, last: port })
  .refine((range) => range.first <= range.last, 'first must not be above last');
export type PortRange = z.infer<typeof portRangeSchema>;

export const settingsSchema = z.strictObject({
  /** Where published ports are chosen from. */
  portRange: portRangeSchema,
});
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = { portRange: { first: 20_000, last: 21_000 } };

export const settingsContract = {
  get: call(z.strictObject({}), settingsSchema),
  set: call(settingsSchema.partial(), settingsSchema),
};
