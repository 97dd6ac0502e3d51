import type { SandboxId } from '../../../shared/model/sandbox.ts';
import type { FunctionInstance, Invocation } from '../../engines/engine.ts';

/** `cpuMs` is null where nobody counts it. */
export interface InstanceInvocation extends Omit<Invocation, 'cpuMs'> {
  readonly cpuMs: number | null;
}

/** Code of one version that waits for payloads, whatever holds it. */
export interface Instance extends Omit<FunctionInstance, 'pid' | 'invoke' | 'close'> {
  readonly invoke: (payload: string, signal: AbortSignal) => Promise<InstanceInvocation>;
  /**
   * Ends it. What cannot be ended is tried again for as long as the host runs; that is waited for until `patience` is
   * aborted, and not at all without it.
   */
  readonly close: (patience?: AbortSignal) => Promise<void>;
  readonly pid: number | null;
  /** The sandbox that it is. */
  readonly sandboxId: SandboxId | null;
  /** It answers one invocation: what that leaves behind must not be found by the next. */
  readonly isSingleUse: boolean;
}

/** Characters of logs that an invocation gives back; what comes on top is cut off. */
export const LOGS_MAX = 256 * 1024;
