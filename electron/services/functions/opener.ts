import { AppError } from '../../../shared/model/error.ts';
import type { FunctionSpec } from '../../../shared/model/function.ts';
import type { Engines } from '../engines/engines.ts';
import type { Instance } from './instance.ts';
import { openResidentInstance } from './resident-instance.ts';
import {
  type InstanceOf,
  type LoadWithin,
  openSandboxInstance,
  type SandboxInstanceOptions,
} from './sandbox-instance.ts';

export interface OpenRequest extends InstanceOf {
  /** Where the version's module is, if it has one. */
  readonly modulePath: string;
  /** Only to see whether the code can be loaded. */
  readonly check?: boolean;
}

/** Starts an instance in whatever way its engine has. */
export type OpenInstance = (request: OpenRequest, signal: AbortSignal) => Promise<Instance>;

/** Until code that does not come to its end while it is loaded to be checked is given up. */
const LOAD_TIMEOUT_MS = 60_000;

export function createOpener(
  options: SandboxInstanceOptions & { readonly engines: Engines; readonly loadTimeoutMs?: number },
): OpenInstance {
  const { engines, loadTimeoutMs = LOAD_TIMEOUT_MS } = options;
  return async (request, signal) => {
    const { functions } = engines.available(request.spec.engine).engine;
    if (!request.check) {
      return functions
        ? openResidentInstance(functions, request, signal)
        : openSandboxInstance(options, request, signal);
    }
    const within: LoadWithin = (load) => loadWithin(loadTimeoutMs, load, signal);
    // Of a sandbox only the code's part: an image may have to be fetched before.
    return functions
      ? within((limited) => openResidentInstance(functions, request, limited))
      : openSandboxInstance(options, request, signal, within);
  };
}

async function loadWithin<T>(
  timeoutMs: number,
  load: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await load(AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    throw new AppError('invalid_input', `The code was not loaded within ${timeoutMs / 1000} s`, {
      hint: 'What takes long, or never ends, belongs into the handler.',
      details: { field: 'spec.code' },
      cause: error,
    });
  }
}

/** Loads the code once; throws what is wrong with it. */
export async function tryLoading(open: OpenInstance, request: OpenRequest, signal: AbortSignal): Promise<void> {
  const instance = await open({ ...request, check: true }, signal);
  await instance.close();
}

/** Of the text, or of the module's copy. */
export function codeBytes({ code }: FunctionSpec, moduleBytes: number): number {
  if (code.type === 'module') return moduleBytes;
  return Buffer.byteLength(code.type === 'command' ? code.command.join(' ') : code.text);
}
