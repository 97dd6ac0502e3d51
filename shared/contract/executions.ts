import { z } from 'zod';
import { appErrorDataSchema } from '../model/error.ts';
import { exitSchema, sandboxIdSchema } from '../model/sandbox.ts';
import { absolutePathSchema, argvSchema, envSchema } from '../model/spec.ts';
import { call, stream } from './base.ts';

/** Characters of standard input. Escaped in JSON they must still fit a message of the web host (24 MiB). */
export const STDIN_MAX = 4 * 1024 * 1024;

/** Characters of one piece of input that is written while the command runs. */
export const INPUT_PIECE_MAX = 1024 * 1024;

/** What a command can be sent. A terminal's size is `consoles.resize`'s to change. */
export const commandSignals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'] as const;
export type CommandSignal = (typeof commandSignals)[number];

export const executionIdSchema = z.string().regex(/^exe_[a-z0-9]{12,32}$/, 'must be an execution id (exe_…)');

export const executionSchema = z.object({
  id: executionIdSchema,
  sandboxId: sandboxIdSchema,
  command: z.array(z.string()),
  state: z.enum(['running', 'exited', 'timeout', 'cancelled', 'failed']),
  exit: exitSchema.nullable(),
  error: appErrorDataSchema.nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  stdoutBytes: z.int(),
  stderrBytes: z.int(),
});
export type Execution = z.infer<typeof executionSchema>;

export const executionItemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), execution: executionSchema }),
  /** Decoded as the input's `encoding` says; a character that was cut in two arrives whole. */
  z.object({ type: z.literal('stdout'), data: z.string() }),
  z.object({ type: z.literal('stderr'), data: z.string() }),
  /** The last item, also after a timeout or `cancel`; `execution.state` tells which. */
  z.object({ type: z.literal('ended'), execution: executionSchema }),
]);
export type ExecutionItem = z.infer<typeof executionItemSchema>;

export const executionResultSchema = z.object({
  execution: executionSchema,
  stdout: z.string(),
  stderr: z.string(),
  /** Whether something was left out. */
  truncated: z.boolean(),
});
export type ExecutionResult = z.infer<typeof executionResultSchema>;

const aCommand = z.strictObject({
  sandboxId: sandboxIdSchema,
  command: argvSchema,
  env: envSchema.default({}),
  workdir: absolutePathSchema.optional(),
  /** Text given to the command; its standard input ends after it. */
  stdin: z.string().max(STDIN_MAX, 'at most 4 Mi characters').optional(),
  timeoutMs: z.int().min(1).max(86_400_000).optional(),
  /** `base64` for output that is not text: each chunk is encoded by itself. */
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
  confirmForeign: z.boolean().default(false),
});

const aFollowedCommand = aCommand
  .extend({
    /** Standard input comes by `write`, as much as there is, and ends by `endInput`. */
    streamInput: z.boolean().default(false),
    /**
     * Bytes of output that may be on their way: the command is slowed down until `acknowledge` says that they were taken.
     * Without it a slow reader is felt only where it stops reading from its connection.
     */
    outputWindow: z
      .int()
      .min(64 * 1024)
      .max(64 * 1024 * 1024)
      .optional(),
  })
  .refine(({ stdin, streamInput }) => stdin === undefined || !streamInput, {
    message: 'goes without stdin',
    path: ['streamInput'],
  });

const byId = z.strictObject({ id: executionIdSchema });

export const executionsContract = {
  /** Runs one command to its end. Aborting the stream kills the command and all that it started. */
  run: stream(aFollowedCommand, executionItemSchema),
  /**
   * The next piece of input. Answered when there is room for another; `taken` is false when the command wants no more.
   * Who sends many at once, without waiting for answers, gets `limit_exceeded`.
   */
  write: call(
    byId.extend({ base64: z.base64().max(INPUT_PIECE_MAX, 'at most 1 Mi characters at once') }),
    z.object({ taken: z.boolean() }),
  ),
  /** The command's standard input ends. */
  endInput: call(byId, z.object({})),
  /** So many more bytes of output were taken. */
  acknowledge: call(byId.extend({ bytes: z.int().min(0) }), z.object({})),
  /** The same, answered at its end with all that it wrote; of more than 16 MiB the rest is left out. */
  runAndWait: call(aCommand, executionResultSchema),
  get: call(byId, executionSchema),
  list: call(
    z.strictObject({ sandboxId: sandboxIdSchema, limit: z.int().min(1).max(500).default(100) }),
    z.array(executionSchema).readonly(),
  ),
  /** Kills the command and all that it started; `state` is then `cancelled`. */
  cancel: call(byId, z.object({})),
  /**
   * Sends the command a signal as Ctrl+C in a terminal does: to its whole process group, which what it started is in too
   * unless that has made a group of its own. `delivered` is false when the command is over. `unsupported` without the
   * capability `execSignals`, and where nothing can reach the command.
   */
  signal: call(byId.extend({ signal: z.enum(commandSignals) }), z.object({ delivered: z.boolean() })),
};
