import { randomInt } from 'node:crypto';
import { AppError } from '../../../shared/model/error.ts';
import type { Limits } from '../../../shared/model/limits.ts';
import type { ProcMark, ProcTable } from '../../lib/proc.ts';
import { createDarwinProcTable } from '../../lib/proc-darwin.ts';
import { createLinuxProcTable } from '../../lib/proc-linux.ts';
import { markRange, PARTS, prlimitOptions } from './limits.ts';
import { findPrlimit } from './probe.ts';

/** Knows how a program is started so that it carries its sandbox's mark and limits. */
export interface Marker {
  /** What goes in front of a program and its arguments. */
  readonly prefix: (mark: ProcMark, limits: Limits) => Promise<readonly string[]>;
  /** A mark that is in none of these sets. */
  readonly freshMark: (...taken: readonly ReadonlySet<number>[]) => number;
}

const ATTEMPTS = 1000;

// 0 is the main program. Numbers come again after 4095 programs: those are long gone, but for daemons that one of
// them left behind. One row for commands, consoles and Terrarium's own tools, as an end is by number.
let lastPart = randomInt(PARTS);

/** The number of the next program of any sandbox, beside its main program. */
export function nextPart(): number {
  lastPart = (lastPart % (PARTS - 1)) + 1;
  return lastPart;
}

/** How processes are seen and marked on a system. */
export function processesOf(platform: NodeJS.Platform): { readonly table: ProcTable; readonly marker: Marker } {
  if (platform === 'darwin') return { table: createDarwinProcTable(), marker: createPlainMarker() };
  const table = createLinuxProcTable();
  return { table, marker: createLinuxMarker(table) };
}

function createLinuxMarker(table: ProcTable): Marker {
  let prlimit: string | null = null;
  return {
    async prefix(mark, limits) {
      prlimit ??= findPrlimit();
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
function createPlainMarker(): Marker {
  return { prefix: async () => [], freshMark: () => 0 };
}
