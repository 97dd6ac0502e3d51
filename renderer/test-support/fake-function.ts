import type { ServerlessFunction } from '../../shared/contract/functions.ts';
import { defaultFunctionSettings, type FunctionSummary, type Invocation } from '../../shared/model/function.ts';

/** A function in JavaScript that does nothing at the moment. */
export function fakeFunction(part: Partial<FunctionSummary> = {}): FunctionSummary {
  return {
    id: 'fun_000000000001',
    name: 'one',
    engine: 'wasm',
    runtime: 'quickjs',
    codeType: 'javascript',
    version: 1,
    settings: defaultFunctionSettings,
    createdAt: 1,
    updatedAt: 1,
    running: 0,
    queued: 0,
    instances: 0,
    last: null,
    ...part,
  };
}

/** The same with its code. */
export function fakeWhole(part: Partial<ServerlessFunction> = {}): ServerlessFunction {
  const code = { type: 'javascript', text: 'export const handler = () => 1', handler: 'handler' } as const;
  const rest = { source: { type: 'empty' }, env: {}, mounts: [], limits: {}, allowBestEffort: false } as const;
  return { ...fakeFunction(), spec: { engine: 'wasm', code, ...rest, env: {}, mounts: [] }, ...part };
}

export function fakeInvocation(part: Partial<Invocation> = {}): Invocation {
  return {
    id: 'inv_000000000001',
    functionId: 'fun_000000000001',
    version: 1,
    at: 1,
    outcome: { type: 'returned' },
    cold: false,
    queueMs: 0,
    startMs: 0,
    durationMs: 1,
    totalMs: 1,
    cpuMs: null,
    peakMemoryBytes: null,
    fuelConsumed: null,
    payloadBytes: 4,
    resultBytes: 4,
    ...part,
  };
}
