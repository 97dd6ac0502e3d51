import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Proc, signalAll } from '../../lib/proc.ts';
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

/** Until nothing has the mark any more that `createPrograms` puts into a program's environment. */
const SCRIPT = `n=0
while [ $n -lt 40 ]; do
  found=$(grep -lszx "TERRARIUM_PROGRAM=$1" /proc/[0-9]*/environ)
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
  await runInside(runsc, place, { script: SCRIPT, args: [String(part)] });
}
