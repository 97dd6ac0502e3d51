import { randomInt } from 'node:crypto';
import { AppError } from '../../../shared/model/error.ts';
import type { Limits } from '../../../shared/model/limits.ts';
import type { ProcMark, ProcTable } from '../../lib/proc.ts';
import { markRange, prlimitOptions } from './limits.ts';
import { findPrlimit } from './probe.ts';

/** Knows how a program is started so that it carries its sandbox's mark and limits. */
export interface Marker {
  /** What goes in front of a program and its arguments. */
  readonly prefix: (mark: ProcMark, limits: Limits) => Promise<readonly string[]>;
  /** A mark that is in none of these sets. */
  readonly freshMark: (...taken: readonly ReadonlySet<number>[]) => number;
}

const ATTEMPTS = 1000;

export function createLinuxMarker(table: ProcTable): Marker {
  let prlimit: string | null = null;
  return {
    async prefix(mark, limits) {
      prlimit ??= await findPrlimit();
      if (prlimit === null) {
        throw new AppError('engine_unavailable', 'The program prlimit is missing.', {
          hint: 'Install util-linux, e.g. apt install util-linux.',
        });
      }
      return [prlimit, ...prlimitOptions(mark, limits, table.scan), '--'];
    },
    freshMark(...taken) {
      const range = markRange();
      for (let attempt = 0; range && attempt < ATTEMPTS; attempt += 1) {
        const mark = randomInt(range.first, range.last + 1);
        if (!taken.some((marks) => marks.has(mark))) return mark;
      }
      throw new AppError('engine_unavailable', 'No mark is left to tell another sandbox apart.', {
        hint: 'Start Terrarium with at least `ulimit -q 819200`, and destroy sandboxes that are not needed.',
      });
    },
  };
}

/** macOS: the mark is in the environment, and limits are reported as unsupported. */
export function createPlainMarker(): Marker {
  return { prefix: async () => [], freshMark: () => 0 };
}
