import { z } from 'zod';
import { jsonSchema } from '../model/json.ts';
import { limitsSchema } from '../model/limits.ts';
import { isOwnLabel, OWN_LABELS } from '../model/own-labels.ts';
import { sandboxIdSchema, sandboxSchema } from '../model/sandbox.ts';
import { labelsSchema, nameSchema, sandboxSpecInputSchema, ttlSchema } from '../model/spec.ts';
import { call, stream } from './base.ts';

/** They tell whose a sandbox is. */
const hasNoneOfOurs = (labels: Readonly<Record<string, string>> = {}) => !Object.keys(labels).some(isOwnLabel);
const reserved = { message: `names that begin with ${OWN_LABELS} are Terrarium's own` };

export const newSandboxSpecSchema = sandboxSpecInputSchema.refine(({ labels }) => hasNoneOfOurs(labels), {
  ...reserved,
  path: ['labels'],
});

const byId = z.strictObject({ id: sandboxIdSchema });

const progressSchema = z.object({
  type: z.literal('progress'),
  /** One short sentence, e.g. "Creating the container". */
  message: z.string(),
});

export const createItemSchema = z.discriminatedUnion('type', [
  progressSchema,
  z.object({ type: z.literal('created'), sandbox: sandboxSchema }),
]);

export const sandboxChangeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), sandboxes: z.array(sandboxSchema) }),
  z.object({ type: z.literal('upsert'), sandbox: sandboxSchema }),
  z.object({ type: z.literal('remove'), id: sandboxIdSchema }),
]);
export type SandboxChange = z.infer<typeof sandboxChangeSchema>;

const refusalSchema = z.object({ field: z.string(), message: z.string() });

/** `confirmForeign` must be true where the sandbox is not ours: nothing of others is touched by accident. */
const actOn = z.strictObject({ id: sandboxIdSchema, confirmForeign: z.boolean().default(false) });

const newSandbox = z.strictObject({ spec: newSandboxSpecSchema, start: z.boolean().default(true) });

export const sandboxesContract = {
  /** Makes a sandbox and (unless `start` is false) starts it. Ends with `created`. An abort undoes what was made. */
  create: stream(newSandbox, createItemSchema),
  /**
   * The same without progress. Over HTTP the header `Idempotency-Key` makes it safe to ask again: while the sandbox is
   * there, the same key with the same request answers with it, and with another request is a `conflict`.
   */
  createAndWait: call(newSandbox, sandboxSchema),
  /** What `create` would refuse, without making anything. */
  validate: call(z.strictObject({ spec: newSandboxSpecSchema }), z.object({ refusals: z.array(refusalSchema) })),
  get: call(byId, sandboxSchema),
  list: call(z.strictObject({}), z.array(sandboxSchema)),
  start: call(actOn, sandboxSchema),
  /** Asks the main program to end, kills everything after `graceMs`. */
  stop: call(actOn.extend({ graceMs: z.int().min(0).max(600_000).default(10_000) }), sandboxSchema),
  pause: call(actOn, sandboxSchema),
  resume: call(actOn, sandboxSchema),
  /** Throws the engine's object away and makes it again from the spec; the workspace stays. */
  rebuild: call(byId, sandboxSchema),
  /** Idempotent. `keepWorkspace` moves the workspace aside instead of deleting it and says where. */
  destroy: call(
    actOn.extend({ keepWorkspace: z.boolean().default(false) }),
    z.object({ keptWorkspace: z.string().nullable() }),
  ),
  update: call(
    z.strictObject({
      id: sandboxIdSchema,
      name: nameSchema.optional(),
      /** Instead of those that it has; Terrarium's own stay. */
      labels: labelsSchema.refine(hasNoneOfOurs, reserved).optional(),
      /** Changed in place where the engine can; refused with `unsupported` where it cannot. */
      limits: limitsSchema.optional(),
      /** Counted from its creation, as in the spec: to give it more time, more than its age. */
      ttlMs: ttlSchema.optional(),
    }),
    sandboxSchema,
  ),
  /** The engine's own description of the object, as JSON. */
  inspect: call(byId, jsonSchema),
  /** A snapshot, then changes. A slow reader gets the newest state of each sandbox, not every step. */
  watch: stream(z.strictObject({}), sandboxChangeSchema),
};
