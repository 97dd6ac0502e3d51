import { z } from 'zod';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { absolutePathSchema } from '../model/spec.ts';
import { call } from './base.ts';

/** Names of a module's are a stranger's words: cut to this many characters, and what is not visible is written as `\u{…}`. */
export const MODULE_NAME_MAX = 128;
/** Imports, exports and sections that are listed; the totals count all. */
export const MODULE_NAMES_MAX = 500;
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

export const modulesContract = {
  /** What a file of this machine would bring and ask for. `invalid_input` when it is no module that could be read. */
  inspect: call(z.strictObject({ path: absolutePathSchema }), moduleInfoSchema),
  /** The same of a sandbox that was made from a module; null when it was not. */
  of: call(z.strictObject({ sandboxId: sandboxIdSchema }), z.object({ info: moduleInfoSchema.nullable() })),
};
