import { z } from 'zod';

const port = z.int('must be a whole number').min(1024, 'at least 1024').max(65_535, 'at most 65535');

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
