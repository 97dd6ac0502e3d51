import { availableParallelism } from 'node:os';

/** What a pool tells of itself to the others. */
export interface PlaceTaker {
  /** Looks again whether somebody can be served. */
  readonly pump: () => void;
  /** Whoever asked for a place may have gone or been served otherwise. */
  readonly isWaiting: () => boolean;
  /** Since when the instance does nothing that has done so for longest; null when there is none. */
  readonly idleSince: () => number | null;
  /** Ends that one. */
  readonly endIdle: () => void;
}

/** Instances that may exist at once, of all functions together. */
export interface Places {
  /** Takes a place. When none is free, somebody's idle instance is ended, and `taker` is called in its turn. */
  readonly take: (taker: PlaceTaker) => boolean;
  /** For what nobody waits for. */
  readonly takeSpare: () => boolean;
  readonly giveBack: () => void;
  /** An instance does nothing: the one that has been idle for longest is ended when somebody waits. */
  readonly offer: () => void;
  /** Returns the function that takes it out again. */
  readonly join: (taker: PlaceTaker) => () => void;
}

/** An instance is a process at least: so many more than there are cores gain nothing. */
export const defaultPlaces = Math.max(16, 8 * availableParallelism());

export function createPlaces(most: number): Places {
  const takers = new Set<PlaceTaker>();
  const waiting = new Set<PlaceTaker>();
  let taken = 0;

  function makePlace(): void {
    let idlest: PlaceTaker | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const taker of takers) {
      const own = taker.idleSince();
      if (own === null || own >= since) continue;
      idlest = taker;
      since = own;
    }
    idlest?.endIdle();
  }

  return {
    take(taker) {
      if (taken < most) {
        taken += 1;
        waiting.delete(taker);
        return true;
      }
      waiting.add(taker);
      makePlace();
      return false;
    },
    takeSpare() {
      if (taken >= most) return false;
      taken += 1;
      return true;
    },
    giveBack() {
      taken -= 1;
      for (const next of [...waiting]) {
        if (taken >= most) return;
        // It asks again if that was not enough, behind the others.
        if (waiting.delete(next)) next.pump();
      }
    },
    offer() {
      for (const taker of waiting) if (!taker.isWaiting()) waiting.delete(taker);
      if (waiting.size > 0) makePlace();
    },
    join(taker) {
      takers.add(taker);
      return () => {
        takers.delete(taker);
        waiting.delete(taker);
      };
    },
  };
}
