import type { FunctionProblem } from '../../../shared/contract/functions.ts';
import { isAppError } from '../../../shared/model/error.ts';
import type { FunctionSpec } from '../../../shared/model/function.ts';
import { functionRefusals } from '../../../shared/model/function-refusal.ts';
import { refuseFound } from '../sandboxes/resolve-spec.ts';
import type { FunctionContext } from './context.ts';
import type { TakenModule } from './modules.ts';
import { codeBytes, tryLoading } from './opener.ts';

/** Code that can be loaded, ready to be a version. */
export interface CheckedCode {
  readonly bytes: number;
  readonly module: TakenModule | null;
}

type CheckContext = Pick<FunctionContext, 'engines' | 'modules' | 'open' | 'loading' | 'checks' | 'ending'>;

/** Throws `unsupported` for what the engine does not give, and `invalid_input` for code that cannot be loaded. */
export async function checkCode(
  context: CheckContext,
  { name, keepState, keptModule }: { readonly name: string; readonly keepState: boolean; readonly keptModule?: string },
  spec: FunctionSpec,
  signal: AbortSignal,
): Promise<CheckedCode> {
  const { engines, modules, open, loading, checks, ending } = context;
  await engines.ready(spec.engine);
  const { report } = engines.available(spec.engine);
  const best = functionRefusals({ ...spec, allowBestEffort: true }, report);
  refuseFound(functionRefusals(spec, report), best.length, report);
  const module = await modules.take(spec.code, keptModule);
  try {
    const request = { functionId: '', name, spec, keepState, modulePath: module?.path ?? '' };
    const either = AbortSignal.any([signal, ending]);
    const trial = checks.run(() => tryLoading(open, request, either), either);
    loading.add(trial);
    await trial.finally(() => loading.delete(trial));
  } catch (error) {
    await module?.discard();
    throw error;
  }
  return { bytes: codeBytes(spec, module?.bytes ?? 0), module };
}

/** The same as a list of what is wrong. What keeps it from being found out is thrown on. */
export async function problemsOf(
  context: CheckContext,
  spec: FunctionSpec,
  signal: AbortSignal,
): Promise<FunctionProblem[]> {
  const { report } = await available(context, spec);
  const refused = functionRefusals(spec, report);
  if (refused.length > 0) return refused.map(({ field, message }) => ({ field: `spec.${field}`, message, line: null }));
  try {
    const { module } = await checkCode(context, { name: 'check', keepState: false }, spec, signal);
    await module?.discard();
    return [];
  } catch (error) {
    if (!isAppError(error, 'invalid_input') && !isAppError(error, 'unsupported')) throw error;
    const { field, line } = error.details ?? {};
    return [
      {
        field: typeof field === 'string' ? field : 'spec.code',
        message: error.message,
        line: typeof line === 'number' ? line : null,
      },
    ];
  }
}

async function available({ engines }: CheckContext, { engine }: FunctionSpec) {
  await engines.ready(engine);
  return engines.available(engine);
}
