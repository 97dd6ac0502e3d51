import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { call, stream } from './base.ts';
import { MOST_PATH } from './changes.ts';

/** Of a file that is read or written whole, in one answer or one request. In bytes. */
export const WHOLE_FILE_MAX = 4 * 1024 * 1024;
/** Of a piece of what is written, in characters of base64: with its envelope it fits a message of the web host. */
export const FILE_PIECE_MAX = 4 * 1024 * 1024;
/** Entries of a folder that one answer has. */
export const LIST_MAX = 10_000;

/** As inside: absolute, or from the working directory on. Bytes that are no UTF-8 are lone surrogates (U+DC80 to U+DCFF). */
export const filePathSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(MOST_PATH, `at most ${MOST_PATH} characters`)
  .refine((path) => !path.includes('\0'), 'must not contain a zero byte');

export const fileTypes = ['file', 'directory', 'symlink', 'fifo', 'socket', 'device'] as const;

export const fileEntrySchema = z.object({
  /** As in paths. Hostile: it may hold line feeds, quotes and control characters. */
  name: z.string(),
  type: z.enum(fileTypes),
  /** Of a file, in bytes. */
  size: z.number(),
  /** Permissions, e.g. 0o644, with setuid, setgid and sticky. */
  mode: z.int(),
  /** Milliseconds since 1970. */
  modifiedAt: z.number(),
  /** What a link says; null for what is none, and where the engine does not tell. */
  target: z.string().nullable(),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

export const fileChangeSchema = z.object({
  type: z.enum(['created', 'changed', 'removed']),
  /** From the watched folder on. */
  path: z.string(),
  /** As it is now; null for what was removed. */
  entry: fileEntrySchema.nullable(),
});
export type FileChange = z.infer<typeof fileChangeSchema>;

export const watchItemSchema = z.discriminatedUnion('type', [
  /** First: what changes from now on is told. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('changes'), changes: z.array(fileChangeSchema).readonly() }),
]);
export type WatchItem = z.infer<typeof watchItemSchema>;

const sandbox = { sandboxId: sandboxIdSchema };
const place = { ...sandbox, path: filePathSchema };
/** What changes files. */
const changing = { confirmForeign: z.boolean().default(false) };
const mode = z.int().min(0).max(0o777).optional();
const writeIdSchema = z.string().regex(/^wrt_[a-z0-9]{12,32}$/, 'must be the id of a write (wrt_…)');
const byWrite = z.strictObject({ writeId: writeIdSchema });
const pieces = z.object({ base64: z.string() });
const encoding = z.enum(['utf8', 'base64']);

/** Files of sandboxes, where the capability `files` is there. Links are followed inside only. */
export const filesContract = {
  /** What is there; of a link, the link itself. */
  stat: call(z.strictObject(place), fileEntrySchema),
  /** In no order; at most 10,000. */
  list: call(z.strictObject(place), z.object({ entries: z.array(fileEntrySchema).readonly(), truncated: z.boolean() })),
  /** All of it, in pieces. */
  listAll: stream(z.strictObject(place), z.object({ entries: z.array(fileEntrySchema).readonly() })),
  /**
   * What changes in a folder, and with `recursive` in its folders; links are not followed. Found by looking at it about twice
   * a second, more seldom where a look takes long: what comes and goes in between is not told, nor what keeps type,
   * permissions, size and time of modification (whole seconds in an image without a stat that tells more), nor drafts of
   * writes. `limit_exceeded` for a folder with more than 10,000 entries, also later on, and for more than 16 watches of one
   * sandbox. It is no use of the sandbox that its idle time would count.
   */
  watch: stream(z.strictObject({ ...place, recursive: z.boolean().default(false) }), watchItemSchema),
  /** In pieces, from `offset` (in bytes) on. */
  read: stream(z.strictObject({ ...place, offset: z.int().min(0).default(0) }), pieces),
  /** At most 4 MiB: `limit_exceeded` for a larger one, and `unsupported` for `utf8` where it is none. */
  readWhole: call(
    z.strictObject({ ...place, encoding: encoding.default('base64') }),
    z.object({ content: z.string(), encoding, size: z.int() }),
  ),
  /** Makes its folder and replaces what is there. At most 4 MiB; `mode` is that of what is there, or 0644. */
  writeWhole: call(
    z.strictObject({ ...place, ...changing, content: z.string().max(FILE_PIECE_MAX * 2), encoding, mode }),
    z.object({ size: z.int() }),
  ),
  /** For what is larger: `beginWrite`, pieces in order, `finishWrite`. Nothing is seen at its place until then. */
  beginWrite: call(z.strictObject({ ...place, ...changing, mode }), byWrite),
  /** A folder with all that is in it as a tar archive, in pieces; a file is the only entry. */
  readTree: stream(z.strictObject(place), pieces),
  /** Unpacks a tar archive into a folder, which is made; pieces and end as with `beginWrite`. What came before an error stays. */
  beginWriteTree: call(z.strictObject({ ...place, ...changing }), byWrite),
  /** An empty piece says that more is to come: without any for a minute, a write is given up. */
  appendWrite: call(byWrite.extend({ base64: z.base64().max(FILE_PIECE_MAX) }), z.object({})),
  finishWrite: call(byWrite, z.object({})),
  cancelWrite: call(byWrite, z.object({})),
  /** With the folders that it lies in. Does nothing where there is one. */
  makeFolder: call(z.strictObject({ ...place, ...changing }), z.object({})),
  /** A link itself. `conflict` for a folder with something in it, unless `recursive`. */
  remove: call(z.strictObject({ ...place, ...changing, recursive: z.boolean().default(false) }), z.object({})),
  /** Replaces a file that is there, as rename(2) does. */
  rename: call(z.strictObject({ ...sandbox, ...changing, from: filePathSchema, to: filePathSchema }), z.object({})),
};
