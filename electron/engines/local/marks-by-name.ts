import { readFileSync } from 'node:fs';
import type { ProcScan } from '../../lib/proc.ts';
import { ownLimit } from '../../lib/proc-linux.ts';

/**
 * The marks of a sandbox whose own record of its mark is lost: those of marked programs that name the
 * sandbox in their environment. One such program is enough, as all of them share the mark; only when
 * every one has cleared its environment, nothing is found.
 */
export function marksByName(scan: ProcScan, id: string): readonly number[] {
  // macOS has no marks: there it is the name that programs are found by.
  if (scan.marks.size === 0) return [0];
  // What was never marked has the limit that this host has as well, or none.
  const usual = ownLimit('Max msgqueue size')?.hard;
  return [...scan.marks].filter(
    (number) =>
      number > 0 &&
      number !== usual &&
      Number.isFinite(number) &&
      scan.marked({ number, id }).some(({ pid }) => isNamed(pid, id)),
  );
}

function isNamed(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`TERRARIUM_SANDBOX_ID=${id}`);
  } catch {
    return false; // it has ended, or is another user's
  }
}
