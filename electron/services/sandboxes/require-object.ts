import { AppError } from '../../../shared/model/error.ts';
import { canAct, type Sandbox, type SandboxAction, type SandboxState } from '../../../shared/model/sandbox.ts';
import type { EngineRef } from '../../engines/engine.ts';
import type { Entry } from './registry.ts';

const words: Readonly<Record<SandboxAction, string>> = {
  start: 'be started',
  stop: 'be stopped',
  pause: 'be paused',
  resume: 'be resumed',
  rebuild: 'be rebuilt',
  destroy: 'be destroyed',
  exec: 'run a command',
  console: 'open a console',
  snapshot: 'be saved as a snapshot',
  restore: 'go on from a snapshot',
  review: 'have its changes applied or thrown away',
};

/** Throws `conflict`, with what to do first, unless the action makes sense in the sandbox's state. */
export function requireState({ name, state }: Sandbox, action: SandboxAction): void {
  if (canAct(action, state)) return;
  throw new AppError('conflict', `"${name}" is ${state} and cannot ${words[action]} now`, {
    hint: hintFor(action, state),
  });
}

/** The same, and `conflict` where the engine has nothing of the sandbox's. */
export function requireObject({ sandbox, ref }: Entry, action?: SandboxAction): EngineRef {
  if (action) requireState(sandbox, action);
  if (ref !== null) return ref;
  throw new AppError('conflict', `"${sandbox.name}" has no object in the engine`, {
    hint: 'Rebuild it, or destroy it.',
  });
}

function hintFor(action: SandboxAction, state: SandboxState): string {
  if (state === 'creating' || state === 'stopping' || state === 'destroying') return 'Wait until that is over.';
  if (state === 'lost') return 'Rebuild it, or destroy it.';
  // The nearest state in which it could.
  if (state === 'paused' && canAct(action, 'running')) return 'Resume it first.';
  if (state !== 'running' && canAct(action, 'running')) return 'Start it first.';
  if (canAct(action, 'stopped')) return 'Stop it first.';
  return 'Pause it first.';
}
