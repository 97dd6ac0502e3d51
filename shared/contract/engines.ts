import { z } from 'zod';
import { engineReportSchema } from '../model/engine.ts';
import { engineKindSchema } from '../model/spec.ts';
import { call, stream } from './base.ts';

export const enginesContract = {
  list: call(z.strictObject({}), z.array(engineReportSchema).readonly()),
  /** Looks again, now. */
  probe: call(z.strictObject({ kind: engineKindSchema }), engineReportSchema),
  /** All reports at first, then all again after each change. */
  watch: stream(z.strictObject({}), z.array(engineReportSchema).readonly()),
};
