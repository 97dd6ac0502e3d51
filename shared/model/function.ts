import { z } from 'zod';
import { appErrorDataSchema } from './error.ts';
import { bytesWithin } from './function-text.ts';
import { type LimitName, limitNames, limitsSchema } from './limits.ts';
import { sandboxIdSchema } from './sandbox.ts';
import { absolutePathSchema, argvSchema, engineKindSchema, sandboxSpecInputSchema, sourceSchema } from './spec.ts';

export * from './function-text.ts';

/** Bytes of UTF-8 that a function's code, a payload and a result may each have. */
export const CODE_MAX = 1024 * 1024;
export const PAYLOAD_MAX = 1024 * 1024;
export const RESULT_MAX = 1024 * 1024;

export const functionIdSchema = z.string().regex(/^fun_[a-z0-9]{12,32}$/, 'must be a function id (fun_…)');
export type FunctionId = z.infer<typeof functionIdSchema>;
export const invocationIdSchema = z.string().regex(/^inv_[a-z0-9]{12,32}$/, 'must be an invocation id (inv_…)');
export type InvocationId = z.infer<typeof invocationIdSchema>;

/** Room is left for what the sandboxes of its instances are named: `<name>-<4 characters>`. */
export const functionNameSchema = sandboxSpecInputSchema.shape.name.unwrap().max(60, 'at most 60 characters');

const codeText = z
  .string()
  .min(1, 'must not be empty')
  .max(CODE_MAX, 'at most 1 MiB')
  .refine((text) => bytesWithin(text, CODE_MAX), 'at most 1 MiB');

/**
 * What the code calls the function that answers: `handler(payload, context)`, in Python with both parameters too;
 * `context.env` is the spec's. It may be async. What it returns goes out as JSON. Of a module: its first argument.
 */
const handler = z
  .string()
  .max(128, 'at most 128 characters')
  .regex(/^[A-Za-z_$][A-Za-z0-9_$]*$/, 'must be the name of a function, like handler')
  .default('handler');

export const functionCodeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('javascript'), text: codeText, handler }),
  z.strictObject({ type: z.literal('python'), text: codeText, handler }),
  /**
   * A WebAssembly module of this machine, a command of WASI preview 1: the payload on its standard input, JSON on its
   * standard output, logs on its standard error. Each version keeps a copy.
   */
  z.strictObject({ type: z.literal('module'), path: absolutePathSchema, handler }),
  /** A program: the payload on its standard input, JSON on its standard output, logs on its standard error. */
  z.strictObject({ type: z.literal('command'), command: argvSchema }),
]);
export type FunctionCode = z.infer<typeof functionCodeSchema>;
export type FunctionCodeType = FunctionCode['type'];

const [emptySource, , imageSource] = sourceSchema.options;
const { engine, runtime, env, mounts, network, profile, python, allowBestEffort } = sandboxSpecInputSchema.shape;

/** What runs, and where: a change of any of it is a new version. The parts of a sandbox's spec mean what they mean there. */
export const functionSpecInputSchema = z.strictObject({
  code: functionCodeSchema,
  engine,
  /** On `wasm` it follows from the code and may be left out. */
  runtime,
  /** What an instance starts from; the workspace is always fresh. A folder of the user's would be shared by all. */
  source: z.discriminatedUnion('type', [emptySource, imageSource]).default({ type: 'empty' }),
  env,
  mounts,
  /** Of one instance, but `fuel` of one invocation. Run time is the settings' `timeoutMs`, idle time their `idleTimeMs`. */
  limits: limitsSchema.omit({ wallTimeMs: true, idleTimeMs: true, outputBytes: true }).default({}),
  network,
  profile,
  python,
  allowBestEffort,
});
export type FunctionSpecInput = z.input<typeof functionSpecInputSchema>;
/** With defaults of fields filled in; those of the engine apply where `network` and `profile` are missing. */
export type FunctionSpec = z.output<typeof functionSpecInputSchema>;

/** How it is run: changed at once for all versions, without a new one. */
export const functionSettingsSchema = z.strictObject({
  /** Run time of one invocation, without waiting and starting; its instance is killed then. */
  timeoutMs: z.int().min(10, 'at least 10 ms').max(3_600_000, 'at most 1 h'),
  /** Until an instance that does nothing is let go. 0: each ends with its invocation. */
  idleTimeMs: z.int().min(0).max(86_400_000, 'at most 1 day'),
  /** Instances at once, and so invocations at once. */
  maxConcurrency: z.int().min(1, 'at least 1').max(32, 'at most 32'),
  /** Invocations that may wait for an instance; more are refused with `limit_exceeded`. */
  maxQueue: z.int().min(0).max(1000, 'at most 1000'),
  /** Whether an invocation may find what an earlier one left, in variables or in the workspace. Each instance has its own. */
  keepState: z.boolean(),
  /** Whether payloads, results, logs and error messages go into the history. */
  keepPayloads: z.boolean(),
});
export type FunctionSettings = z.infer<typeof functionSettingsSchema>;

export const defaultFunctionSettings: FunctionSettings = {
  timeoutMs: 30_000,
  idleTimeMs: 60_000,
  maxConcurrency: 4,
  maxQueue: 100,
  keepState: false,
  keepPayloads: true,
};

export const invocationOutcomes = ['returned', 'threw', 'limit', 'cancelled', 'failed'] as const;
export type InvocationOutcome = (typeof invocationOutcomes)[number];

/** What lists show. The code is in `functions.get` and `functions.version`. */
export const functionSummarySchema = z.object({
  id: functionIdSchema,
  name: z.string(),
  engine: engineKindSchema,
  /** The engine's usual one when null. */
  runtime: z.string().nullable(),
  codeType: z.enum(['javascript', 'python', 'module', 'command'] satisfies FunctionCodeType[]),
  /** The current version's number; 1 is the first. */
  version: z.int(),
  settings: functionSettingsSchema,
  createdAt: z.number(),
  /** Of its last change, rename included. */
  updatedAt: z.number(),
  /** Now: invocations that run and wait, and instances in any state. */
  running: z.int(),
  queued: z.int(),
  instances: z.int(),
  /** The newest invocation that has ended; null when there is none in the history. */
  last: z.object({ at: z.number(), outcome: z.enum(invocationOutcomes) }).nullable(),
});
export type FunctionSummary = z.infer<typeof functionSummarySchema>;

export const functionVersionSchema = z.object({
  version: z.int(),
  createdAt: z.number(),
  isCurrent: z.boolean(),
  engine: engineKindSchema,
  runtime: z.string().nullable(),
  codeType: functionSummarySchema.shape.codeType,
  /** Of its text or its module. */
  codeBytes: z.int(),
});
export type FunctionVersion = z.infer<typeof functionVersionSchema>;

const logSchema = z.object({ stream: z.enum(['stdout', 'stderr']), text: z.string() });

/** One invocation as the history has it. Times in milliseconds. */
export const invocationSchema = z.object({
  id: invocationIdSchema,
  functionId: functionIdSchema,
  version: z.int(),
  /** When it was asked for. */
  at: z.number(),
  outcome: z.discriminatedUnion('type', [
    z.object({ type: z.literal('returned') }),
    /** The handler's own error. `message` and `stack` are null where `keepPayloads` was off. */
    z.object({
      type: z.literal('threw'),
      name: z.string(),
      message: z.string().nullable(),
      stack: z.string().nullable(),
    }),
    /** `wallTimeMs` is the settings' timeout, `outputBytes` a result that is too large. */
    z.object({ type: z.literal('limit'), limit: z.enum(limitNames as readonly [LimitName, ...LimitName[]]) }),
    z.object({ type: z.literal('cancelled') }),
    /** Not the handler's doing: no instance could be started, or it has ended under it. */
    z.object({ type: z.literal('failed'), error: appErrorDataSchema }),
  ]),
  /** Whether an instance was started for it. */
  cold: z.boolean(),
  /** Waiting for an instance to be free, without `startMs`. */
  queueMs: z.number(),
  /** Waiting for the instance to start; 0 when it was warm. */
  startMs: z.number(),
  /** Of the call itself. */
  durationMs: z.number(),
  /** From when it was asked for until the answer was there: also what lies between these three. */
  totalMs: z.number(),
  /** Null: the engine does not tell. */
  cpuMs: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  fuelConsumed: z.number().nullable(),
  /** In whole, whatever of them is kept. */
  payloadBytes: z.int(),
  resultBytes: z.int().nullable(),
});
export type Invocation = z.infer<typeof invocationSchema>;

/** A text of the history. */
const keptText = z.object({
  text: z.string(),
  /** The text ends early. */
  isCut: z.boolean(),
});

export const invocationDetailSchema = invocationSchema.extend({
  /**
   * `cut`: something is too long to be kept whole; `dropped`: newer ones have taken its place; `off`: it was not to be
   * kept (`keepPayloads`). With these two, the texts are null and `logs` is empty.
   */
  kept: z.enum(['whole', 'cut', 'dropped', 'off']),
  /** JSON. */
  payload: keptText.nullable(),
  /** JSON; null as well when nothing was returned. */
  result: keptText.nullable(),
  /** What it wrote, in order as far as that is known between the two streams. */
  logs: z.array(logSchema),
  logsAreCut: z.boolean(),
});
export type InvocationDetail = z.infer<typeof invocationDetailSchema>;

/** What the caller gets: whole, whatever is kept. */
export const invocationAnswerSchema = invocationDetailSchema
  .omit({ kept: true, payload: true, result: true })
  .extend({ /** JSON; null unless the outcome is `returned`. */ result: z.string().nullable() });
export type InvocationAnswer = z.infer<typeof invocationAnswerSchema>;

/** Upper ends of the histogram's buckets in ms, log-spaced (1-2-5); one more bucket holds what took longer. */
export const histogramEnds = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000,
  500_000,
] as const;

const percentilesSchema = z.object({ p50: z.number(), p90: z.number(), p99: z.number() });

/** Of the invocations in the history that were asked for within a period. */
export const functionStatisticsSchema = z.object({
  /** Both ends of what was counted. `from` is later than asked for when older invocations are kept no more. */
  from: z.number(),
  to: z.number(),
  count: z.int(),
  outcomes: z.record(z.enum(invocationOutcomes), z.int()),
  /** Outcomes `threw`, `limit` and `failed`. */
  errors: z.int(),
  cold: z.int(),
  /** Of `durationMs`, those cancelled or failed left out; null when there are none. */
  duration: percentilesSchema.nullable(),
  /** The same of `totalMs`: what the caller has waited. */
  total: percentilesSchema.nullable(),
  /** Of `durationMs`: one bucket for each of `histogramEnds` (`toMs` included in it), and a last one whose `toMs` is null. */
  histogram: z.array(z.object({ toMs: z.number().nullable(), count: z.int() })),
});
export type FunctionStatistics = z.infer<typeof functionStatisticsSchema>;

export const functionInstanceSchema = z.object({
  version: z.int(),
  engine: engineKindSchema,
  state: z.enum(['starting', 'idle', 'busy', 'ending']),
  /** Since when it is in this state. */
  since: z.number(),
  startedAt: z.number(),
  /** Invocations that it has answered. */
  served: z.int(),
  /** Of the process that holds it; null until it has started, and where it is a sandbox. */
  pid: z.int().nullable(),
  /** The sandbox that it is, where the engine runs each invocation as a command. */
  sandboxId: sandboxIdSchema.nullable(),
});
export type FunctionInstanceInfo = z.infer<typeof functionInstanceSchema>;

/** A label of sandboxes that are instances: the function's id. Nobody else may set it. */
export const FUNCTION_LABEL = 'dev.terrarium.function';
/** The run of the host that it was made in: what another run has left is swept. */
export const FUNCTION_RUN_LABEL = 'dev.terrarium.function-run';
