import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { absolutePathSchema } from '../model/spec.ts';
import { call } from './base.ts';

/** Names of a module's are a stranger's words: cut to this many characters, and what is not visible is written as `\u{…}`. */
export const MODULE_NAME_MAX = 128;
/** Imports, exports and sections that are listed; the totals count all. */
export const MODULE_NAMES_MAX = 500;
/** Of a piece of an upload, in base64: with its envelope it fits a message of the web host. */
export const UPLOAD_PIECE_MAX = 4 * 1024 * 1024;
export const MODULE_BYTES_MAX = 256 * 1024 * 1024;

export const moduleItemKinds = ['function', 'table', 'memory', 'global', 'tag'] as const;
const itemKindSchema = z.enum(moduleItemKinds);

const moduleImportSchema = z.object({
  module: z.string(),
  name: z.string(),
  kind: itemKindSchema,
  /** Whether it is given to modules here. One that asks for anything else is not run. */
  allowed: z.boolean(),
});
export type ModuleImport = z.infer<typeof moduleImportSchema>;

const moduleExportSchema = z.object({
  name: z.string(),
  kind: itemKindSchema,
  /** Of a function, e.g. `(i32, i64) → i32`; null where it is none. */
  signature: z.string().nullable(),
});
export type ModuleExport = z.infer<typeof moduleExportSchema>;

/** A listed part of something that may be longer. */
const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item).readonly(), total: z.int() });

export const moduleInfoSchema = z.object({
  sizeBytes: z.int(),
  /** A command runs by itself; of a reactor, functions are called. */
  kind: z.enum(['command', 'reactor']),
  /** What is refused comes first. */
  imports: listOf(moduleImportSchema),
  /** How many of all imports are not given. */
  refused: z.int(),
  exports: listOf(moduleExportSchema),
  /** Its linear memory; null when it has none. `maximumBytes` null: it may grow as far as WebAssembly lets it. */
  memory: z.object({ minimumBytes: z.number(), maximumBytes: z.number().nullable() }).nullable(),
  sections: listOf(z.object({ name: z.string(), sizeBytes: z.int() })),
});
export type ModuleInfo = z.infer<typeof moduleInfoSchema>;

const uploadIdSchema = z.string().regex(/^upl_[a-z0-9]{12,32}$/, 'must be an upload id (upl_…)');
const byUpload = z.strictObject({ uploadId: uploadIdSchema });

export const modulesContract = {
  /** What a file of this machine would bring and ask for. `invalid_input` when it is no module that could be read. */
  inspect: call(z.strictObject({ path: absolutePathSchema }), moduleInfoSchema),
  /** The same of a sandbox that was made from a module; null when it was not. */
  of: call(z.strictObject({ sandboxId: sandboxIdSchema }), z.object({ info: moduleInfoSchema.nullable() })),

  /** A browser cannot say where a file lies, so it brings it: `begin`, pieces in order, `finish`. An upload that gets no more pieces ends by itself. */
  beginUpload: call(
    z.strictObject({
      /** As the user's file is called. The sandbox calls the module by it. */
      name: z.string().min(1).max(255),
      sizeBytes: z.int().min(1).max(MODULE_BYTES_MAX, 'at most 256 MiB'),
    }),
    byUpload,
  ),
  appendUpload: call(byUpload.extend({ base64: z.base64().max(UPLOAD_PIECE_MAX) }), z.object({})),
  /** Where it lies now, for a spec's source. It is removed with the last sandbox that names it, or when none does for an hour. */
  finishUpload: call(byUpload, z.object({ path: absolutePathSchema, info: moduleInfoSchema })),
  cancelUpload: call(byUpload, z.object({})),
};
