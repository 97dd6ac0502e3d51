// Without zod, so that whoever needs only these does without it.
import type { Capability } from './engine.ts';

/** It is held. `note`: what that covers, when it does not go without saying. */
export const enforced = (note?: string): Capability => ({
  support: 'enforced',
  ...(note === undefined ? {} : { note }),
});

/** It mostly is. `note`: what that means. */
export const bestEffort = (note: string): Capability => ({ support: 'best-effort', note });

/** It cannot be had here. `note`: why. */
export const unsupported = (note: string): Capability => ({ support: 'unsupported', note });
