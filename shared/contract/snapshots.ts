import { z } from 'zod';
import { sandboxIdSchema, sandboxSchema } from '../model/sandbox.ts';
import { nameSchema } from '../model/spec.ts';
import { call } from './base.ts';

/** Engines put it into names of their own. */
export const snapshotNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, - and _ only, at most 63');

export const snapshotSchema = z.object({
  /** Also of those that were made beside Terrarium. */
  name: z.string(),
  /** Milliseconds since 1970; null when the engine does not tell. */
  createdAt: z.number().nullable(),
});

export type Snapshot = z.infer<typeof snapshotSchema>;

const named = z.strictObject({ id: sandboxIdSchema, name: snapshotNameSchema });

/** Saved memory and processes of sandboxes, where the capability `snapshots` is there. The workspace is not in them. */
export const snapshotsContract = {
  list: call(z.strictObject({ id: sandboxIdSchema }), z.array(snapshotSchema)),
  /** Saves a running sandbox, which goes on. `conflict` while a console or command is open in it. */
  create: call(named, sandboxSchema),
  /** Goes back to it; what runs now is lost. */
  restore: call(named, sandboxSchema),
  /** A new sandbox that goes on from it, with a copy of the workspace as it is now. */
  clone: call(named.extend({ newName: nameSchema.optional() }), sandboxSchema),
  remove: call(named, z.object({})),
};
