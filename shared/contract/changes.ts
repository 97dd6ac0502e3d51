import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { call } from './base.ts';

/** In characters; the kernel takes no longer path at once either. */
export const MOST_PATH = 4096;
/** From the workspace's outermost folder on, without a slash in front. Bytes that are no UTF-8 are lone surrogates (U+DC80 to U+DCFF). */
export const changePathSchema = z.string().min(1).max(MOST_PATH);

/** What a sandbox has done to one file or folder of its workspace, and is not in the workspace yet. */
export const changeSchema = z.object({
  path: changePathSchema,
  kind: z.enum(['added', 'modified', 'deleted']),
  /** `other`: a socket, pipe or device, which cannot be applied. */
  type: z.enum(['file', 'directory', 'symlink', 'other']),
  /** Of a file, in bytes: as it would be, or of a deleted one as it is. */
  size: z.number().nullable(),
  /** What a new link leads to. */
  target: z.string().nullable(),
  /**
   * In the workspace it has been changed as well, since writes were first kept apart: to apply this undoes that.
   * Stays so until it is applied or thrown away. Not known of what was deleted there, which is `added` here.
   */
  changedOutside: z.boolean(),
});
export type Change = z.infer<typeof changeSchema>;

export const changeListSchema = z.object({
  /** By path. A deleted folder is one change; a new one is one, and so is each that is in it. */
  changes: z.array(changeSchema).readonly(),
  /** There are more: only so many are told, and none whose path is longer than `MOST_PATH`. */
  truncated: z.boolean(),
});
export type ChangeList = z.infer<typeof changeListSchema>;

export const changeTextSchema = z.object({
  /** In the workspace; null where there is no such file, or for the reason in `problem`. */
  before: z.string().nullable(),
  /** As it would be. */
  after: z.string().nullable(),
  problem: z.enum(['binary', 'too_large', 'no_file', 'unreadable']).nullable(),
});
export type ChangeText = z.infer<typeof changeTextSchema>;

export const appliedSchema = z.object({
  /** How many changes are now in the workspace. */
  applied: z.int(),
  /** How many are not: they are still among the changes. */
  failed: z.int(),
  /** The first hundred of those, and why. */
  failures: z.array(z.object({ path: z.string(), message: z.string() })).readonly(),
});
export type Applied = z.infer<typeof appliedSchema>;

const target = { id: sandboxIdSchema };
const some = {
  ...target,
  /** With all that is below them; everything when missing. */
  paths: z.array(changePathSchema).min(1).max(10_000).optional(),
};

/** Writes that are kept apart from the workspace, of sandboxes with `filesystem.overlay`. */
export const changesContract = {
  list: call(z.strictObject(target), changeListSchema),
  read: call(z.strictObject({ ...target, path: changePathSchema }), changeTextSchema),
  /** Writes them to the workspace. `conflict` unless the sandbox is stopped. Aborting it keeps what was applied. */
  apply: call(z.strictObject(some), appliedSchema),
  /** Throws them away. `conflict` unless the sandbox is stopped. */
  discard: call(z.strictObject(some), z.object({})),
};
