import { randomBytes } from 'node:crypto';
import { AppError, fromErrorData } from '../../../shared/model/error.ts';
import { FUNCTION_LABEL, FUNCTION_RUN_LABEL, type FunctionSpec, RESULT_MAX } from '../../../shared/model/function.ts';
import { instanceSpec } from '../../../shared/model/function-refusal.ts';
import { limitNames } from '../../../shared/model/limits.ts';
import type { Exit, SandboxId } from '../../../shared/model/sandbox.ts';
import { sandboxSpecInputSchema } from '../../../shared/model/spec.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import type { Instance, InstanceInvocation } from './instance.ts';
import { createWrappedOutput } from './wrapped-output.ts';
import { type Envelope, envelopeSchema, wrap } from './wrappers/wrappers.ts';

export interface SandboxInstanceOptions {
  readonly sandboxes: Sandboxes;
  readonly registry: Registry;
  /** Of this run of the host. */
  readonly run: string;
}

export interface InstanceOf {
  readonly functionId: string;
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly keepState: boolean;
}

/** Beside the result: the wrapper's own line. */
const ENVELOPE_MAX = 256 * 1024;
const tooLarge = new AppError('limit_exceeded', 'The result is larger than 1 MiB');

/**
 * An instance on an engine that only runs commands: a sandbox of the function's, in which each invocation is a process of
 * its own. Without `keepState` it serves one: a workspace, /tmp and what was left running would be found by the next.
 */
export async function openSandboxInstance(
  { sandboxes, registry, run }: SandboxInstanceOptions,
  { functionId, name, spec, keepState }: InstanceOf,
  signal: AbortSignal,
  check = false,
): Promise<Instance> {
  const input = sandboxSpecInputSchema.parse({
    ...instanceSpec(spec),
    name: `${name}-${randomBytes(2).toString('hex')}`,
    labels: { [FUNCTION_LABEL]: functionId, [FUNCTION_RUN_LABEL]: run },
  });
  const made = await sandboxes.create(input, true, { signal, progress: () => undefined });
  const { id } = made;
  const destroy = async () => {
    await sandboxes.destroy(id, { confirmForeign: false, keepWorkspace: false });
  };
  const instance = follow(id);
  try {
    if (made.state !== 'running') {
      throw made.error
        ? fromErrorData(made.error)
        : new AppError('internal', `The sandbox of "${name}" is ${made.state}`);
    }
    if (check) await instance.load(signal);
  } catch (error) {
    await instance.close();
    throw error;
  }
  return instance;

  function follow(sandboxId: SandboxId): Instance & { readonly load: (signal: AbortSignal) => Promise<void> } {
    const ended = Promise.withResolvers<void>();
    const look = () => {
      if (registry.find(sandboxId)?.sandbox.state !== 'running') ended.resolve();
    };
    // Somebody may stop or destroy it by hand, and limits end it.
    const unsubscribe = registry.onChange((changed) => changed === sandboxId && look());
    void ended.promise.then(unsubscribe);
    look();
    let closing: Promise<void> | undefined;
    return {
      pid: null,
      sandboxId,
      isSingleUse: !keepState,
      ended: ended.promise,
      invoke: (payload, aborted) => command(sandboxId, payload, aborted),
      async load(aborted) {
        if (spec.code.type === 'command') return;
        const { outcome, line } = await execute(sandboxId, 'null', aborted, true);
        if (outcome.type !== 'threw') return;
        throw new AppError('invalid_input', `${outcome.name}: ${outcome.message}`, {
          hint: 'Correct the code and try again.',
          details: { field: 'spec.code.text', line, stack: outcome.stack },
        });
      },
      close() {
        closing ??= destroy();
        return closing;
      },
    };
  }

  async function command(sandboxId: SandboxId, payload: string, aborted: AbortSignal): Promise<InstanceInvocation> {
    const { line: _line, ...invocation } = await execute(sandboxId, payload, aborted, false);
    return invocation;
  }

  async function execute(sandboxId: SandboxId, payload: string, aborted: AbortSignal, isCheck: boolean) {
    const { engine, ref } = sandboxes.target(sandboxId, 'exec');
    const { argv, marker, stdin } = wrap(spec, randomBytes(16).toString('hex'), isCheck);
    const output = createWrappedOutput(marker, RESULT_MAX + (marker === null ? 0 : ENVELOPE_MAX));
    const flood = new AbortController();
    const begun = performance.now();
    const exit = await engine
      .exec(
        ref,
        { argv, env: {}, stdin: stdin(payload) },
        {
          signal: AbortSignal.any([aborted, flood.signal]),
          onOutput(stream, chunk) {
            if (!output.take(stream, chunk)) flood.abort(tooLarge);
          },
        },
      )
      .catch((error: unknown): Exit => {
        if (error !== tooLarge) throw error;
        return { code: null, signal: 'SIGKILL', limit: 'outputBytes' };
      });
    return told(exit, output, marker !== null, performance.now() - begun);
  }

  function told(
    exit: Exit,
    output: ReturnType<typeof createWrappedOutput>,
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
