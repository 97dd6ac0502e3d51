import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/model/error.ts';
import { type FunctionSpec, RESULT_MAX } from '../../../shared/model/function.ts';
import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { Engine, EngineRef } from '../../engines/engine.ts';
import type { InstanceInvocation } from './instance.ts';
import { createWrappedOutput, type WrappedOutput } from './wrapped-output.ts';
import { type Envelope, envelopeSchema, wrap } from './wrappers/wrappers.ts';

export interface WrappedRun {
  readonly engine: Engine;
  readonly ref: EngineRef;
  readonly spec: FunctionSpec;
  readonly payload: string;
  readonly signal: AbortSignal;
  /** Only load the code. */
  readonly check: boolean;
  /** The limit by which the sandbox's processes were killed; null when none is known. */
  readonly limitHit: () => Promise<LimitName | null>;
}

/** Beside the result: the wrapper's own line. */
const ENVELOPE_MAX = 256 * 1024;
/** Signals by which the kernel tells of a resource limit, see setrlimit(2); their numbers are Linux's and macOS's. */
const signalsOfLimits = [
  { signal: 'SIGXCPU', number: 24, limit: 'cpuTimeMs' },
  { signal: 'SIGXFSZ', number: 25, limit: 'fileSizeBytes' },
] as const;
/** By which a host ends a sandbox: it asks first. */
const endings = [
  { signal: 'SIGTERM', number: 15 },
  { signal: 'SIGKILL', number: 9 },
] as const;
const tooLarge = new AppError('limit_exceeded', 'The result is larger than 1 MiB');

/** One invocation as a command in a sandbox. `line` is of the code, where an error has one. */
export async function runWrapped(run: WrappedRun): Promise<InstanceInvocation & { readonly line: number | null }> {
  const { engine, ref, spec, payload, signal } = run;
  const { argv, marker, stdin } = wrap(spec, randomBytes(16).toString('hex'), run.check);
  const output = createWrappedOutput(marker, RESULT_MAX + (marker === null ? 0 : ENVELOPE_MAX));
  const flood = new AbortController();
  const begun = performance.now();
  const io = {
    signal: AbortSignal.any([signal, flood.signal]),
    onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array) {
      if (!output.take(stream, chunk)) flood.abort(tooLarge);
    },
  };
  const exit = await engine.exec(ref, { argv, env: {}, stdin: stdin(payload) }, io).catch(async (error: unknown) => {
    if (error === tooLarge) return killedBy('outputBytes');
    // A limit of all its processes ends the sandbox, and the command with it.
    const limit = signal.aborted ? null : await run.limitHit();
    if (limit) return killedBy(limit);
    throw error;
  });
  const limit = exit.limit === undefined ? await limitOf(exit, run) : null;
  return told(limit ? killedBy(limit) : exit, output, marker !== null, performance.now() - begun);
}

async function limitOf(exit: Exit, { spec, limitHit }: WrappedRun): Promise<LimitName | null> {
  // Shells and container engines tell death by signal N as 128 + N.
  const isEndedBy = (signal: string, number: number) => exit.signal === signal || exit.code === 128 + number;
  const told = signalsOfLimits.find(({ signal, number }) => isEndedBy(signal, number));
  if (told && spec.limits[told.limit] !== undefined) return told.limit;
  return endings.some(({ signal, number }) => isEndedBy(signal, number)) ? await limitHit() : null;
}

function killedBy(limit: LimitName): Exit {
  return { code: null, signal: 'SIGKILL', limit };
}

function told(
  exit: Exit,
  output: WrappedOutput,
  isWrapped: boolean,
  durationMs: number,
): InstanceInvocation & { readonly line: number | null } {
  const answer = output.answer();
  const { envelope, result } = isWrapped ? unwrap(answer) : unwrapped(exit, answer);
  const { logs, truncated } = output.logs();
  return {
    outcome: outcomeOf(exit, envelope, result),
    logs,
    truncated,
    durationMs,
    cpuMs: envelope?.cpuMs ?? null,
    peakMemoryBytes: envelope?.peakMemoryBytes ?? null,
    fuelConsumed: exit.fuelConsumed ?? null,
    line: envelope?.type === 'threw' ? envelope.line : null,
  };
}

interface Unwrapped {
  readonly envelope: Envelope | null;
  readonly result: string;
}

function unwrap(answer: Buffer | null): Unwrapped {
  const end = answer?.indexOf(10) ?? -1;
  if (answer === null || end < 0) return { envelope: null, result: '' };
  // The function could have written it; then it has told lies of itself.
  const envelope = envelopeSchema.safeParse(parseJson(answer.subarray(0, end).toString())).data ?? null;
  return { envelope, result: answer.subarray(end + 1).toString() };
}

/** Of a command: exit code 0 is success, and then its output has to be JSON. */
function unwrapped(exit: Exit, answer: Buffer | null): Unwrapped {
  const result = answer?.toString().trim() ?? '';
  const unknown = { cpuMs: null, peakMemoryBytes: null };
  const threw = (name: string, message: string): Unwrapped => ({
    envelope: { type: 'threw', name, message, stack: '', line: null, ...unknown },
    result: '',
  });
  if (exit.code === null) return { envelope: null, result: '' };
  if (exit.code !== 0) return threw('Exit', `The command ended with code ${exit.code}`);
  if (result === '') return { envelope: { type: 'returned', ...unknown }, result: 'null' };
  if (parseJson(result) === undefined) return threw('SyntaxError', 'What the command wrote is not JSON');
  return { envelope: { type: 'returned', ...unknown }, result };
}

function outcomeOf(exit: Exit, envelope: Envelope | null, result: string): InstanceInvocation['outcome'] {
  const limit = limitNames.find((name) => name === exit.limit);
  if (limit) return { type: 'limit', limit };
  if (envelope?.type === 'tooLarge') return { type: 'limit', limit: 'outputBytes' };
  if (envelope?.type === 'threw') {
    const { name, message, stack } = envelope;
    return { type: 'threw', name, message, stack };
  }
  if (envelope?.type === 'returned' && parseJson(result) !== undefined) return { type: 'returned', result };
  if (envelope?.type === 'loaded') return { type: 'returned', result: 'null' };
  throw new AppError(
    'internal',
    `The process ended (${exit.signal ?? `code ${exit.code}`}) before the handler returned`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
