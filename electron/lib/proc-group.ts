import { AppError } from '../../shared/model/error.ts';
import type { ProcTable } from './proc.ts';

/**
 * Sends a signal to a process group, all at once, as a terminal's Ctrl+C does. False when there is none (any more); throws
 * `denied` when all of it is another user's.
 */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  const outcome = send(-group, signal);
  if (outcome === 'denied') throw denied();
  return outcome === 'sent';
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
  const outcomes = found.map(({ pid }) => send(pid, signal));
  if (outcomes.includes('sent')) return true;
  if (outcomes.includes('denied')) throw denied();
  return false;
}

function send(target: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'denied' {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'denied';
    throw error;
  }
}

const denied = () => new AppError('denied', 'The command runs as another user of this machine.');
