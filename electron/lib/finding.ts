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

/** `look` never throws. */
export function createFinding<Found extends object, Missing extends Failure>(
  look: () => Promise<Found | Missing>,
): Finding<Found, Missing> {
  let last: Promise<Found | Missing> | undefined;
  let underWay: Promise<Found | Missing> | undefined;
  const refresh = () => {
    underWay ??= look().finally(() => {
      underWay = undefined;
    });
    last = underWay;
    return last;
  };
  const find = () => last ?? refresh();
  return {
    find,
    refresh,
    async retry() {
      const isNew = last === undefined;
      const found = await find();
      return 'reason' in found && !isNew ? refresh() : found;
    },
  };
}
