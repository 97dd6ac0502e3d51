import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import { type Proc, signalAll } from '../../lib/proc.ts';
import { NOT_INSIDE, SIGNAL_INSIDE } from '../../lib/signal-inside.ts';
import type { LocalSandbox, SandboxPlace } from '../local/launcher.ts';
import { pathsOf } from './paths.ts';
import { callRunsc, type Runsc, runInside } from './runsc.ts';

const POLL_MS = 20;
/** PID 1, and the holder's sleep. */
const HOLDER_PROCESSES = 2;

/**
 * TERM to all programs inside, and HUP to what runs on a terminal, which shells there need: `runsc exec`
 * hands it on. Without a main program it then waits for the others, which this machine does not see.
 */
export async function askAllToEnd(
  runsc: Runsc,
  sandbox: LocalSandbox,
  members: readonly Proc[],
  deadline: number,
): Promise<undefined> {
  const paths = pathsOf(sandbox);
  await callRunsc(runsc, paths, ['kill', '--all', sandbox.id, 'TERM']).catch(() => undefined); // it has ended meanwhile
  signalAll(
    members.filter(({ onTerminal, pid, session }) => onTerminal && pid === session),
    'SIGHUP',
  );
  if (sandbox.manifest.spec.command) return undefined;
  while (performance.now() < deadline) {
    const pids = await callRunsc(runsc, paths, ['ps', '--format', 'json', sandbox.id]).catch(() => '[]');
    if ((pids.match(/\d+/g) ?? []).length <= HOLDER_PROCESSES) break;
    await delay(POLL_MS);
  }
  return undefined;
}

/** What `createPrograms` puts into a program's environment. */
const markOf = (part: number) => `TERRARIUM_PROGRAM=${part}`;

/** Until nothing has the mark any more. */
const SCRIPT = `n=0
while [ $n -lt 40 ]; do
  found=$(grep -lszx "$1" /proc/[0-9]*/environ)
  [ -n "$found" ] || exit 0
  for file in $found; do pid=\${file#/proc/}; kill -9 "\${pid%/environ}"; done
  n=$((n+1))
done
exit 1`;

/** Kills one program and all that it started, which killing \`runsc exec\` does not. */
export async function endProgram(runsc: Runsc, place: SandboxPlace, part: number): Promise<void> {
  const paths = pathsOf(place);
  // Nothing answers there, and there may be nothing left to end.
  if (!existsSync(paths.state) || existsSync(paths.paused)) return;
  await runInside(runsc, place, { script: SCRIPT, args: [markOf(part)] });
}

/** Sends the process group of one program a signal, which `runsc kill` cannot. False when the program is not there (any more). */
export async function signalProgram(
  runsc: Runsc,
  place: SandboxPlace,
  part: number,
  signal: NodeJS.Signals,
): Promise<boolean> {
  if (existsSync(pathsOf(place).paused)) {
    throw new AppError('conflict', 'The sandbox is paused.', { hint: 'Resume it first.' });
  }
  try {
    await runInside(runsc, place, { script: SIGNAL_INSIDE, args: [markOf(part), signal.slice(3)] });
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === NOT_INSIDE) return false;
    throw error;
  }
}
