import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { type ProcMark, type ProcTable, signalPid } from './proc.ts';

/** The least time in which a program that hops must show itself; a generation takes about 1 ms. */
const LEAST_WATCH_MS = 5;

/**
 * Catches what a scan cannot: a program that is never twice the same process. Each of its processes
 * starts a successor and ends, sooner than one scan takes, so it may be in none. But its successors
 * are always the newest processes of the machine, and looking at the newest few takes less time than
 * one of them lives. While nothing begins on the machine, nothing can hop: then this only waits.
 *
 * Watches for as long as a scan takes (`scanMs`), and for as long again after each find. True when
 * something was killed: then another scan is due.
 */
export async function killNewest(table: ProcTable, mark: ProcMark, scanMs: number): Promise<boolean> {
  const look = table.newest(mark);
  const watchMs = Math.max(LEAST_WATCH_MS, 1.5 * scanMs);
  let end = performance.now() + watchMs;
  let found = false;
  while (performance.now() < end) {
    const { began, members } = look();
    if (members.length > 0) {
      for (const pid of members) signalPid(pid, 'SIGKILL');
      found = true;
      end = performance.now() + watchMs;
    }
    // Something began: be quicker than it lives. Else there is time, and the host has other work.
    await (began ? turn() : delay(1));
  }
  return found;
}
