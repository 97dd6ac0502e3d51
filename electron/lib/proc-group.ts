import { AppError } from '../../shared/model/error.ts';
import { type ProcTable, signalAll } from './proc.ts';

/**
 * Sends a signal to a process group, all at once, as a terminal's Ctrl+C does. False when there is none (any more); throws
 * `denied` when all of it is another user's.
 */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') throw new AppError('denied', 'The command runs as another user of this machine.');
    throw error;
  }
}

/** The same to some of a group, one after another: what one of them starts meanwhile may be missed. */
export function signalSome(
  table: ProcTable,
  group: number,
  isMeant: (pid: number) => boolean,
  signal: NodeJS.Signals,
): boolean {
  const all = [...table.scan().all.values()];
  const found = all.filter((proc) => proc.group === group && proc.state !== 'zombie' && isMeant(proc.pid));
  signalAll(found, signal);
  return found.length > 0;
}
