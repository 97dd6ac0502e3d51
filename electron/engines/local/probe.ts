import { execFile } from 'node:child_process';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { findProgram } from '../../lib/executable.ts';
import { markRange } from './limits.ts';

const run = promisify(execFile);

export interface Missing {
  readonly reason: string;
  readonly hint: string;
}

/** Whether programs can be started, told apart and ended here as sandboxes need it; else why not. `facts` are for a report. */
export async function probeMachine(
  platform: NodeJS.Platform,
): Promise<
  { readonly missing: Missing } | { readonly missing: null; readonly facts: Readonly<Record<string, string>> }
> {
  const available = (facts: Readonly<Record<string, string>>) => ({
    missing: null,
    facts: { kernel: release(), ...facts },
  });
  const missing = (reason: string, hint: string) => ({ missing: { reason, hint } });

  if (platform === 'darwin') return available({});
  if (platform !== 'linux') {
    return missing('Process sandboxes run on Linux and macOS only.', 'Use a container engine on this system.');
  }
  const prlimit = findPrlimit();
  if (prlimit === null) {
    return missing('The program prlimit is missing.', 'Install util-linux, e.g. apt install util-linux.');
  }
  if (markRange() === null) {
    return missing(
      'The resource limit for message queues is too low to tell sandboxes apart.',
      'Start Terrarium with at least `ulimit -q 819200`.',
    );
  }
  try {
    const { stdout } = await run(prlimit, ['--version'], { timeout: 5000 });
    return available({ prlimit: stdout.trim() });
  } catch (error) {
    return missing(`${prlimit} does not run: ${String(error)}`, 'Reinstall util-linux.');
  }
}

/** Null when util-linux's `prlimit` is not there. */
export const findPrlimit = (): string | null => findProgram('prlimit');
