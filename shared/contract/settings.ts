import { z } from 'zod';
import { settingsSchema } from '../model/settings.ts';
import { call } from './base.ts';

export * from '../model/settings.ts';

export const settingsContract = {
  get: call(z.strictObject({}), settingsSchema),
  set: call(settingsSchema.partial(), settingsSchema),
};
