// Without zod, so that the page's first load does without it as well.

export const sandboxStates = [
  'creating',
  'ready',
  'running',
  'paused',
  'stopping',
  'stopped',
  'destroying',
  'error',
  'lost',
] as const;
export type SandboxState = (typeof sandboxStates)[number];

export type SandboxAction =
  | 'start'
  | 'stop'
  | 'pause'
  | 'resume'
  | 'rebuild'
  | 'destroy'
  | 'exec'
  | 'console'
  /** Saving it as it runs. */
  | 'snapshot'
  /** Going on from a snapshot, in its place or in another sandbox. */
  | 'restore'
  /** Applying or throwing away what it has written apart. */
  | 'review';

const allowedIn: Readonly<Record<SandboxAction, readonly SandboxState[]>> = {
  start: ['ready', 'stopped', 'error'],
  stop: ['running', 'paused'],
  pause: ['running'],
  resume: ['paused'],
  rebuild: ['ready', 'running', 'paused', 'stopped', 'error', 'lost'],
  destroy: sandboxStates,
  exec: ['running'],
  console: ['running'],
  snapshot: ['running'],
  restore: ['ready', 'running', 'paused', 'stopped', 'error'],
  review: ['ready', 'stopped', 'error'],
};

/**
 * The state machine of design §4, seen from what a user may do: whether an action makes sense in a
 * state. The host refuses others with `conflict`. What the engine says of its object is always taken.
 */
export function canAct(action: SandboxAction, state: SandboxState): boolean {
  return allowedIn[action].includes(state);
}
