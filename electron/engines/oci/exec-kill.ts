import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '../../../shared/model/error.ts';
import { createLinuxProcTable, readProc } from '../../lib/proc-linux.ts';
import type { OciClient } from './client.ts';
import { containerProcesses } from './container-processes.ts';
import { engineMessage } from './errors.ts';

/**
 * Engines can start a command in a container but not end one. So each carries a mark in its
 * environment, which all that it starts inherits: what has the mark is what is to be killed.
 */
export interface ExecMarker {
  readonly name: string;
  readonly value: string;
}

const NAME = 'TERRARIUM_EXEC';

function prefixOf(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 12);
}

const table = createLinuxProcTable();
/** With the pid it names this host process for good. Not known, and not needed, outside of Linux. */
const startTime = table.startTimeOf(process.pid) ?? 0;

/** Names the installation, this host process, and the exec. */
export function createMarker(owner: string): ExecMarker {
  const host = `${process.pid}.${startTime}`;
  return { name: NAME, value: `${prefixOf(owner)}.${host}.${randomBytes(8).toString('hex')}` };
}

const ROUNDS = 40;
const ROUND_MS = 25;

/**
 * Kills what has the mark, until nothing has it any more, and `root`, the exec's first process as the
 * daemon's machine counts it, which may have put off the mark (0: there is none). Never throws: it is
 * the end of something else.
 */
export async function killMarked(client: OciClient, ref: string, value: string, root: number): Promise<void> {
  try {
    const killed = await killFromOutside(client, ref, (found) => found === value, root);
    if (!killed) await killFromInside(client, ref, value);
  } catch (error) {
    // The container is stopped or gone: so are its processes.
    if (isAppError(error, 'not_found') || isAppError(error, 'conflict')) return;
    client.log.warn({ ref, reason: engineMessage(error) }, 'a command in a container could not be killed');
  }
}

/**
 * Kills what hosts that died left running in a container: processes with a mark of this installation
 * whose host process is no more. Where the host does not see the processes, only with `inside`; else
 * they go with the container's stop.
 */
export async function killStale(client: OciClient, ref: string, owner: string, inside: boolean): Promise<void> {
  const prefix = `${prefixOf(owner)}.`;
  const isStale = (value: string) => {
    const [pid, started] = value.split('.').slice(1).map(Number);
    return value.startsWith(prefix) && !table.isAlive(pid ?? 0, started ?? 0);
  };
  if ((await killFromOutside(client, ref, isStale, 0)) || !inside) return;
  for (const value of await marksInside(client, ref)) if (isStale(value)) await killFromInside(client, ref, value);
}

/** False when this host cannot see, or may not kill, the container's processes. */
async function killFromOutside(
  client: OciClient,
  ref: string,
  matches: (value: string) => boolean,
  root: number,
): Promise<boolean> {
  let quiet = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = await containerProcesses(client, ref);
    if (pids === null) return false;
    // Only in the first round: later its number may be another's.
    const marked = findMarked(pids, matches, round === 0 ? root : 0);
    if (marked === null) return false;
    // In the middle of execve(2) a process shows no environment: it is looked for twice.
    if (marked.length === 0 && quiet) return true;
    quiet = marked.length === 0;
    for (const pid of marked) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
      }
    }
    await sleep(ROUND_MS);
  }
  client.log.warn({ ref }, 'a command in a container starts processes faster than they can be killed');
  return true;
}

/** Marked processes, `root`, and their descendants, which may have put off the mark. Null: not readable. */
function findMarked(
  pids: readonly number[],
  matches: (value: string) => boolean,
  root: number,
): readonly number[] | null {
  const parents = new Map<number, number>();
  const marked = new Set<number>();
  for (const pid of pids) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const entry = environment.split('\0').find((each) => each.startsWith(`${NAME}=`));
      if (pid === root || (entry && matches(entry.slice(NAME.length + 1)))) marked.add(pid);
      const proc = readProc(pid);
      if (proc) parents.set(pid, proc.ppid);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') return null;
      // It ended in between.
    }
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (marked.has(parent) && !marked.has(pid)) {
        marked.add(pid);
        grown = true;
      }
    }
  }
  return [...marked];
}

/** Tells of the marks of all processes but itself. Needs sh, tr and grep in the image, as killing does. */
const LOOK = `
for d in /proc/[0-9]*; do
  [ "$d" = "/proc/$$" ] || tr '\\0' '\\n' < "$d/environ" 2>/dev/null | grep "^$1="
done
exit 0`;

/** Marks in a container whose processes this host cannot see; none where there is no shell to look with. */
export async function marksInside(client: OciClient, ref: string): Promise<ReadonlySet<string>> {
  return await client.call('look for open commands', async (docker, abortSignal) => {
    const exec = await docker.getContainer(ref).exec({
      Cmd: ['sh', '-c', LOOK, 'sh', NAME],
      AttachStdout: true,
      abortSignal,
    });
    const stream = await exec.start({ hijack: true, stdin: false, abortSignal });
    stream.on('error', (error) => client.log.debug({ reason: error.message }, 'a look’s stream broke'));
    let text = '';
    for await (const chunk of stream) text = `${text}${String(chunk)}`.slice(0, 1_000_000);
    const marks = text.matchAll(new RegExp(`${NAME}=([0-9a-f.]+)`, 'g'));
    return new Set([...marks].map(([, value]) => value ?? ''));
  });
}

/** For daemons on other machines or in a VM. Needs sh and grep in the image, which nearly all have. */
const SCRIPT = `
n=0
while [ $n -lt 40 ]; do
  found=0
  for d in /proc/[0-9]*; do
    p=\${d#/proc/}
    [ "$p" = "$$" ] && continue
    if grep -q "$1" "$d/environ" 2>/dev/null; then kill -9 "$p" 2>/dev/null && found=1; fi
  done
  [ $found = 0 ] && break
  n=$((n+1))
done`;

async function killFromInside(client: OciClient, ref: string, value: string): Promise<void> {
  await client.call('kill the command', async (docker, abortSignal) => {
    const exec = await docker.getContainer(ref).exec({
      Cmd: ['sh', '-c', SCRIPT, 'sh', `${NAME}=${value}`],
      AttachStdout: true,
      AttachStderr: true,
      abortSignal,
    });
    const stream = await exec.start({ hijack: true, stdin: false, abortSignal });
    let text = '';
    stream.on('error', (error) => client.log.debug({ reason: error.message }, 'a kill’s stream broke'));
    for await (const chunk of stream) text = `${text}${String(chunk)}`.slice(0, 2000);
    const { ExitCode } = await exec.inspect({ abortSignal });
    if (ExitCode)
      client.log.warn({ ref, text }, 'this image has no shell to kill a command with; it ends with the container');
  });
}
