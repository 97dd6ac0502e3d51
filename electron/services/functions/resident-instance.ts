import { AppError, isAppError } from '../../../shared/model/error.ts';
import { type FunctionCodeType, type FunctionSpec, isJson } from '../../../shared/model/function.ts';
import { runtimeOf } from '../../../shared/model/function-refusal.ts';
import type { FunctionStore, Invocation } from '../../engines/engine.ts';
import type { Instance } from './instance.ts';

/** An instance on an engine that keeps code loaded. `modulePath` is the version's own copy of its module. */
export async function openResidentInstance(
  functions: FunctionStore,
  {
    spec,
    keepState,
    modulePath,
  }: { readonly spec: FunctionSpec; readonly keepState: boolean; readonly modulePath: string },
  signal: AbortSignal,
): Promise<Instance> {
  const { code, env, limits } = spec;
  if (code.type === 'command') throw new Error('a command is no code that can be loaded');
  const opening = functions.open(
    {
      runtime: runtimeOf(spec),
      source: code.type === 'module' ? { type: 'module', path: modulePath } : { type: 'text', text: code.text },
      handler: code.handler,
      env,
      limits,
      keepState,
    },
    signal,
  );
  const instance = await opening.catch((error: unknown) => {
    throw isAppError(error) ? inTheContract(error, code.type) : error;
  });
  return {
    ...instance,
    sandboxId: null,
    isSingleUse: false,
    async invoke(payload, aborted) {
      const invocation = await instance.invoke(payload, aborted);
      // A module writes what it likes.
      return code.type === 'module' ? withJson(invocation) : invocation;
    },
  };
}

function withJson(invocation: Invocation): Invocation {
  const { outcome } = invocation;
  if (outcome.type !== 'returned' || isJson(outcome.result)) return invocation;
  const message = 'What the module wrote is not JSON';
  return { ...invocation, outcome: { type: 'threw', name: 'SyntaxError', message, stack: '' } };
}

/** The engine speaks of its own request: told in the words of the contract, with the line where the stack has one. */
function inTheContract(error: AppError, codeType: FunctionCodeType): AppError {
  const { field, stack } = error.details ?? {};
  if (typeof field !== 'string') return error;
  const code = codeType === 'module' ? 'spec.code.path' : 'spec.code.text';
  const told = field.startsWith('source') ? code : field === 'keepState' ? 'settings.keepState' : `spec.${field}`;
  const line = typeof stack === 'string' ? lineIn(stack) : null;
  return new AppError(error.code, error.message, {
    hint: error.hint,
    details: { ...error.details, field: told, line },
    cause: error,
  });
}

/** The innermost place in the code itself: last in a traceback of Python, first in a stack of JavaScript. */
function lineIn(stack: string): number | null {
  const python = [...stack.matchAll(/File "function\.py", line (\d+)/g)].at(-1);
  const found = python ?? /function\.js:(\d+)/.exec(stack);
  return found ? Number(found[1]) : null;
}
