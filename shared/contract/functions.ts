import { z } from 'zod';
import {
  bytesWithin,
  functionIdSchema,
  functionInstanceSchema,
  functionNameSchema,
  functionSettingsSchema,
  functionSpecInputSchema,
  functionStatisticsSchema,
  functionSummarySchema,
  functionVersionSchema,
  invocationAnswerSchema,
  invocationDetailSchema,
  invocationIdSchema,
  invocationSchema,
  isJson,
  PAYLOAD_MAX,
} from '../model/function.ts';
import { call, stream } from './base.ts';

const byId = z.strictObject({ id: functionIdSchema });
const versionNumber = z.int().min(1, 'at least 1').max(1_000_000);
const aVersion = z.strictObject({ id: functionIdSchema, version: versionNumber });

/** A function with its current version's code. */
const functionSchema = functionSummarySchema.extend({ spec: functionSpecInputSchema });
export type ServerlessFunction = z.infer<typeof functionSchema>;

export const functionChangeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), functions: z.array(functionSummarySchema) }),
  z.object({ type: z.literal('upsert'), function: functionSummarySchema }),
  z.object({ type: z.literal('remove'), id: functionIdSchema }),
]);
export type FunctionChange = z.infer<typeof functionChangeSchema>;

const problemSchema = z.object({
  /** Of the input, e.g. `spec.code.text` or `spec.limits.fuel`. */
  field: z.string(),
  message: z.string(),
  /** Of the code, from 1; null when it is not known or not about a line. */
  line: z.int().nullable(),
});
export type FunctionProblem = z.infer<typeof problemSchema>;

const payload = z
  .string()
  .max(PAYLOAD_MAX, 'at most 1 MiB')
  .refine((text) => bytesWithin(text, PAYLOAD_MAX), 'at most 1 MiB')
  .refine(isJson, 'must be JSON');

/** What is missing stays as it is, and is `defaultFunctionSettings` for a new one. */
const someSettings = functionSettingsSchema.partial();

export const functionsContract = {
  list: call(z.strictObject({}), z.array(functionSummarySchema)),
  /** A snapshot, then changes. A slow reader gets the newest state of each function, not every step; at most 10 a second. */
  watch: stream(z.strictObject({}), functionChangeSchema),
  get: call(byId, functionSchema),
  /**
   * Makes it and its version 1, which is loaded once to see that it can be: `invalid_input` with `details.field` and, of
   * code, `details.line` when it cannot. `conflict` when the name is taken.
   */
  create: call(
    z.strictObject({
      name: functionNameSchema,
      spec: functionSpecInputSchema,
      settings: someSettings.default({}),
    }),
    functionSchema,
  ),
  /** What `create` would refuse of a spec; nothing is kept. On most engines a sandbox is made for it and destroyed again. */
  check: call(z.strictObject({ spec: functionSpecInputSchema }), z.object({ problems: z.array(problemSchema) })),
  /** A changed spec is a new version, which becomes the current one; settings apply to all versions at once. */
  update: call(
    z.strictObject({
      id: functionIdSchema,
      spec: functionSpecInputSchema.optional(),
      settings: someSettings.optional(),
    }),
    functionSchema,
  ),
  rename: call(z.strictObject({ id: functionIdSchema, name: functionNameSchema }), functionSchema),
  /** Ends its instances and what they do, and forgets its versions and its history. Idempotent. */
  delete: call(byId, z.object({})),
  /** The newest first; at most 100 are kept, the current one always. */
  versions: call(byId, z.array(functionVersionSchema)),
  version: call(aVersion, functionVersionSchema.extend({ spec: functionSpecInputSchema })),
  /** Which version is invoked when none is named. */
  setCurrent: call(aVersion, functionSchema),
  /**
   * One invocation, to its end; aborting the call cancels it. Whatever becomes of the handler is an outcome and no error.
   * `limit_exceeded` when too many wait already, `not_found` for a version that is kept no more.
   */
  invoke: call(
    z.strictObject({ id: functionIdSchema, payload: payload.default('null'), version: versionNumber.optional() }),
    invocationAnswerSchema,
  ),
  /** Of invocations asked for in the last `periodMs`. */
  statistics: call(
    z.strictObject({
      id: functionIdSchema,
      periodMs: z.int().min(1000, 'at least 1 s').max(31_536_000_000, 'at most 1 year').default(86_400_000),
      version: versionNumber.optional(),
    }),
    functionStatisticsSchema,
  ),
  instances: call(byId, z.array(functionInstanceSchema)),
};

/** The history: at most 10,000 invocations of each function, and 16 MiB of payloads, results and logs. */
export const invocationsContract = {
  /** Newest first. `before` pages on: the id of the last one that was seen. */
  list: call(
    z.strictObject({
      functionId: functionIdSchema,
      before: invocationIdSchema.optional(),
      /** Only the outcomes `threw`, `limit` and `failed`. */
      onlyErrors: z.boolean().default(false),
      version: versionNumber.optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
    z.array(invocationSchema),
  ),
  get: call(z.strictObject({ id: invocationIdSchema }), invocationDetailSchema),
};
