import { z } from 'zod';
import { exitSchema, sandboxIdSchema } from '../model/sandbox.ts';
import { argvSchema } from '../model/spec.ts';
import { call, stream } from './base.ts';
import { CONSOLE_WRITE_MAX } from './console-limits.ts';

export * from './console-limits.ts';

export const consoleIdSchema = z.string().regex(/^con_[a-z0-9]{12,32}$/, 'must be a console id (con_…)');

const columns = z.int().min(1).max(1000);
const rows = z.int().min(1).max(1000);

export const consoleSchema = z.object({
  id: consoleIdSchema,
  sandboxId: sandboxIdSchema,
  /** The program's name, for a tab. */
  title: z.string(),
  cols: z.int(),
  rows: z.int(),
  createdAt: z.number(),
  /** Set when the program has ended. */
  exit: exitSchema.nullable(),
});
export type Console = z.infer<typeof consoleSchema>;

export const consoleItemSchema = z.discriminatedUnion('type', [
  /**
   * First item: output of before. `attachment` names this reader in `acknowledge`. The replay need
   * not be acknowledged, and answers that the terminal gives to it must not be sent back.
   */
  z.object({ type: z.literal('attached'), attachment: z.string(), replay: z.string(), console: consoleSchema }),
  z.object({ type: z.literal('output'), data: z.string() }),
  /** Somebody else resized it. */
  z.object({ type: z.literal('resized'), cols: z.int(), rows: z.int() }),
  /** Last item. */
  z.object({ type: z.literal('exited'), exit: exitSchema }),
]);
export type ConsoleItem = z.infer<typeof consoleItemSchema>;

const byId = z.strictObject({ id: consoleIdSchema });

export const consolesContract = {
  /** Starts a shell (or `command`) on a terminal of its own inside a running sandbox. */
  open: call(
    z.strictObject({
      sandboxId: sandboxIdSchema,
      cols: columns.default(80),
      rows: rows.default(24),
      command: argvSchema.optional(),
      confirmForeign: z.boolean().default(false),
    }),
    consoleSchema,
  ),
  write: call(byId.extend({ data: z.string().max(CONSOLE_WRITE_MAX, 'at most 64 KiB at once') }), z.object({})),
  resize: call(byId.extend({ cols: columns, rows }), z.object({})),
  /** Ends the program and all that it started, and forgets the console. */
  close: call(byId, z.object({})),
  list: call(z.strictObject({ sandboxId: sandboxIdSchema.optional() }), z.array(consoleSchema).readonly()),
  attach: stream(byId, consoleItemSchema),
  /** Says that the terminal has drawn this many more characters (UTF-16 units of `output.data`). */
  acknowledge: call(
    byId.extend({
      attachment: z.string().max(64),
      characters: z
        .int()
        .min(0)
        .max(64 * 1024 * 1024),
    }),
    z.object({}),
  ),
};
