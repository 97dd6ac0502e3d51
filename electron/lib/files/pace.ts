import { setImmediate as breathe } from 'node:timers/promises';

const AT_ONCE = 100;

/** Called for each entry of a walk that is made of synchronous calls: now and then others have their turn. */
export type Pace = () => Promise<void>;

/** For one walk, however deep. Throws the signal's reason once it is aborted. */
export function createPace(signal?: AbortSignal): Pace {
  let looked = 0;
  return async () => {
    looked += 1;
    if (looked % AT_ONCE === 0) await breathe();
    signal?.throwIfAborted();
  };
}
