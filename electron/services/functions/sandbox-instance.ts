import { randomBytes } from 'node:crypto';
import { AppError, fromErrorData, isAppError } from '../../../shared/model/error.ts';
import { FUNCTION_LABEL, FUNCTION_RUN_LABEL, type FunctionSpec } from '../../../shared/model/function.ts';
import { instanceSpec } from '../../../shared/model/function-refusal.ts';
import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { sandboxSpecInputSchema } from '../../../shared/model/spec.ts';
import type { Log } from '../../lib/log.ts';
import { sleep } from '../../lib/sleep.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { type Destruction, destroyInstance } from './destroy-instance.ts';
import type { Instance } from './instance.ts';
import { runWrapped } from './wrapped-run.ts';

export interface SandboxInstanceOptions {
  readonly sandboxes: Sandboxes;
  readonly registry: Registry;
  /** Of this run of the host. */
  readonly run: string;
  /** Aborted when the host ends. */
  readonly ending: AbortSignal;
  readonly log: Log;
  /** Between tries to destroy what could not be destroyed. */
  readonly retryMs?: number;
}

export interface InstanceOf {
  readonly functionId: string;
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly keepState: boolean;
}

/** Loads code in a bounded time. */
export type LoadWithin = <T>(load: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** An engine may tell of a limit a moment after what it has killed is gone. */
const LIMIT_PATIENCE_MS = 1000;

/**
 * An instance on an engine that only runs commands: a sandbox of the function's, in which each invocation is a process of
 * its own. Without `keepState` it serves one: a workspace, /tmp and what was left running would be found by the next.
 * With `check` the code is loaded at once, and what is wrong with it is thrown.
 */
export async function openSandboxInstance(
  options: SandboxInstanceOptions,
  { functionId, name, spec, keepState }: InstanceOf,
  signal: AbortSignal,
  check?: LoadWithin,
): Promise<Instance> {
  const { sandboxes, registry, run } = options;
  const input = sandboxSpecInputSchema.parse({
    ...instanceSpec(spec),
    name: `${name}-${randomBytes(2).toString('hex')}`,
    labels: { [FUNCTION_LABEL]: functionId, [FUNCTION_RUN_LABEL]: run },
  });
  const made = await sandboxes.create(input, true, { signal, progress: () => undefined });
  const { id } = made;
  const { ended, limitHit } = follow();
  const execute = (payload: string, aborted: AbortSignal, isCheck: boolean) => {
    const { engine, ref } = sandboxes.target(id, 'exec');
    return runWrapped({ engine, ref, spec, payload, signal: aborted, check: isCheck, limitHit });
  };
  let destruction: Destruction | undefined;
  const close = async (patience?: AbortSignal) => {
    destruction ??= destroyInstance(options, id);
    const { tried, over } = destruction;
    await tried;
    if (patience) await Promise.race([over, aborted(patience)]);
  };
  try {
    if (made.state !== 'running') {
      throw made.error
        ? fromErrorData(made.error)
        : new AppError('internal', `The sandbox of "${name}" is ${made.state}`);
    }
    if (check && spec.code.type !== 'command') await check(load);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: null,
    sandboxId: id,
    isSingleUse: !keepState,
    ended,
    async invoke(payload, aborted) {
      const { line: _line, ...invocation } = await execute(payload, aborted, false);
      return invocation;
    },
    close,
  };

  async function load(aborted: AbortSignal): Promise<void> {
    const { outcome, line } = await execute('null', aborted, true).catch((error: unknown) => {
      // The program that runs the code is not there.
      if (!isAppError(error, 'invalid_input')) throw error;
      throw new AppError(error.code, error.message, {
        hint: error.hint,
        details: { field: 'spec.code' },
        cause: error,
      });
    });
    if (outcome.type !== 'threw') return;
    throw new AppError('invalid_input', `${outcome.name}: ${outcome.message}`, {
      hint: 'Correct the code and try again.',
      details: { field: 'spec.code.text', line, stack: outcome.stack },
    });
  }

  /** Somebody may stop or destroy it by hand, and limits end it. */
  function follow() {
    const over = Promise.withResolvers<void>();
    const hit = Promise.withResolvers<LimitName>();
    const look = () => {
      const sandbox = registry.find(id)?.sandbox;
      const limit = limitNames.find((each) => each === sandbox?.exit?.limit);
      if (limit) hit.resolve(limit);
      if (sandbox?.state !== 'running') over.resolve();
    };
    const unsubscribes = [
      registry.onChange((changed) => changed === id && look()),
      sandboxes.onLimit((seen) => seen.id === id && hit.resolve(seen.limit)),
    ];
    void over.promise.then(async () => {
      // What ended it is told when it has stopped, not while it stops.
      if (registry.find(id)) await Promise.race([hit.promise, sleep(LIMIT_PATIENCE_MS, signalOfNobody())]);
      for (const unsubscribe of unsubscribes) unsubscribe();
    });
    look();
    const isLimited = limitNames.some((limit) => spec.limits[limit as keyof typeof spec.limits] !== undefined);
    const limitHit = async () =>
      isLimited ? ((await Promise.race([hit.promise, sleep(LIMIT_PATIENCE_MS, signalOfNobody())])) ?? null) : null;
    return { ended: over.promise, limitHit };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function signalOfNobody(): AbortSignal {
  return new AbortController().signal;
}
