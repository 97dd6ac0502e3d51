import type { FunctionSpec } from '../../../shared/model/function.ts';
import type { Engines } from '../engines/engines.ts';
import type { Instance } from './instance.ts';
import { openResidentInstance } from './resident-instance.ts';
import { type InstanceOf, openSandboxInstance, type SandboxInstanceOptions } from './sandbox-instance.ts';

export interface OpenRequest extends InstanceOf {
  /** Where the version's module is, if it has one. */
  readonly modulePath: string;
  /** Only to see whether the code can be loaded. */
  readonly check?: boolean;
}

/** Starts an instance in whatever way its engine has. */
export type OpenInstance = (request: OpenRequest, signal: AbortSignal) => Promise<Instance>;

export function createOpener(options: SandboxInstanceOptions & { readonly engines: Engines }): OpenInstance {
  return async (request, signal) => {
    const { engine } = options.engines.available(request.spec.engine);
    return engine.functions
      ? openResidentInstance(engine.functions, request, signal)
      : openSandboxInstance(options, request, signal, request.check);
  };
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
