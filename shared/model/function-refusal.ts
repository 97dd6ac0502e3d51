import { withConfigured } from './configured-spec.ts';
import type { EngineOffer } from './engine.ts';
import type { FunctionCodeType, FunctionSpec, FunctionSpecInput } from './function.ts';
import { type Refusal, refusals } from './refusal.ts';
import type { EngineKind, SandboxSpecInput } from './spec.ts';

/** What runs which code on `wasm`; undefined is the engine's usual runtime. */
const wasmRuntimes: Readonly<Partial<Record<FunctionCodeType, string | undefined>>> = {
  javascript: 'quickjs',
  python: 'python',
  module: undefined,
};
const commandTypes: readonly FunctionCodeType[] = ['javascript', 'python', 'command'];

/** What a function on this engine can be written as. */
export function codeTypesOf(engine: EngineKind): readonly FunctionCodeType[] {
  return engine === 'wasm' ? (Object.keys(wasmRuntimes) as FunctionCodeType[]) : commandTypes;
}

/** The runtime that a spec means. */
export function runtimeOf({ engine, runtime, code }: Pick<FunctionSpec, 'engine' | 'runtime' | 'code'>) {
  return runtime ?? (engine === 'wasm' ? wasmRuntimes[code.type] : undefined);
}

/** The sandbox that an instance is, or would be, as far as the spec says. */
export function instanceSpec(spec: FunctionSpecInput): SandboxSpecInput {
  const { code, ...where } = spec;
  const runtime = runtimeOf(spec as FunctionSpec);
  return {
    ...where,
    source: code.type === 'module' ? { type: 'module', path: code.path } : (where.source ?? { type: 'empty' }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

/** What an engine must refuse of a function's spec: what it refuses of sandboxes, and code that it cannot run. */
export function functionRefusals(spec: FunctionSpecInput, offer: EngineOffer): readonly Refusal[] {
  const { engine, code, runtime } = spec;
  const types = codeTypesOf(engine);
  if (!types.includes(code.type)) {
    return [
      {
        field: 'code',
        message: `the ${engine} engine runs no functions of the kind ${code.type}, but ${types.join(', ')}`,
      },
    ];
  }
  // An instance on wasm is no sandbox: what is configured for those is not for it.
  const { configured: _, ...own } = offer;
  const found = [...refusals(withConfigured(instanceSpec(spec), engine === 'wasm' ? own : offer), offer)];
  if (engine !== 'wasm') return found;
  const fitting = wasmRuntimes[code.type];
  if (runtime !== undefined && runtime !== fitting) {
    found.push({ field: 'runtime', message: `the runtime ${runtime} does not run ${code.type}; leave it out` });
  }
  if (spec.mounts?.length) found.push({ field: 'mounts', message: `functions on the ${engine} engine have no files` });
  if (spec.source?.type === 'image')
    found.push({ field: 'source', message: `the ${engine} engine starts from no image` });
  return found;
}
