const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * How long to wait before try number `attempt` (from 0). Up to a quarter is taken off at random, so
 * that several pages do not knock at the same moment.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(full * (1 - random() / 4));
}
