import type { FunctionSpec } from '../../../shared/model/function.ts';
import { runtimeOf } from '../../../shared/model/function-refusal.ts';
import type { FunctionStore } from '../../engines/engine.ts';
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
  const instance = await functions.open(
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
  return { ...instance, sandboxId: null, isSingleUse: false };
}
