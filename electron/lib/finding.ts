/** Why something cannot be used. */
interface Failure {
  readonly reason: string;
}

/** What was found out about this machine by trying, which takes a while. */
export interface Finding<Found extends object, Missing extends Failure> {
  /** What was found out last; finds out the first time. */
  readonly find: () => Promise<Found | Missing>;
  /** Finds out again, once for all who ask meanwhile. */
  readonly refresh: () => Promise<Found | Missing>;
  /** What was found out last if it can be used; else finds out again: somebody may have mended it. */
  readonly retry: () => Promise<Found | Missing>;
}

/** What `look` throws, whoever asked gets; it is not remembered. */
export function createFinding<Found extends object, Missing extends Failure>(
  look: () => Promise<Found | Missing>,
): Finding<Found, Missing> {
  let last: Promise<Found | Missing> | undefined;
  let underWay: Promise<Found | Missing> | undefined;
  const refresh = () => {
    underWay ??= look().then(
      (found) => {
        underWay = undefined;
        return found;
      },
      (error: unknown) => {
        underWay = undefined;
        last = undefined;
        throw error;
      },
    );
    last = underWay;
    return last;
  };
  const find = () => last ?? refresh();
  return {
    find,
    refresh,
    async retry() {
      const seen = last;
      // What is being found out just now is new.
      if (seen === undefined || underWay) return find();
      const found = await seen;
      if (!('reason' in found)) return found;
      // Somebody else may have tried again meanwhile.
      return last === seen ? refresh() : find();
    },
  };
}
