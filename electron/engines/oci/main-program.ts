import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { readKernelFile } from '../../lib/cgroup.ts';
import type { OciClient } from './client.ts';
import { containerProcesses } from './container-processes.ts';
import { engineMessage } from './errors.ts';
import { isGvisorProcess } from './gvisor.ts';
import { readLogs } from './logs.ts';

/** Docker's own init and podman's. */
const INITS = new Set(['docker-init', 'tini', 'catatonit', 'podman-init']);
/** By then a program that could not be started has ended its container. */
const LOOK_MS = 1000;
/** Exit codes of an init whose program is not executable, or not there: tini's and, 1, catatonit's. */
const NOT_RUN = new Set([1, 126, 127]);

/**
 * With an init in between the engine starts every container "successfully": that the main program
 * does not exist shows only a moment later, in the exit code and the init's last words. Waits until
 * the program is seen to run, or to have ended, and throws when it never ran.
 */
export async function checkMainProgram(client: OciClient, ref: string): Promise<void> {
  for (const end = Date.now() + LOOK_MS; Date.now() < end; await sleep(10)) {
    const { State, Config } = await client.call('inspect the container', (docker, abortSignal) =>
      docker.getContainer(ref).inspect({ abortSignal }),
    );
    if (!State.Running) {
      if (!NOT_RUN.has(State.ExitCode)) return;
      const failure = await initFailure(client, ref, [...(Config.Entrypoint ?? []), ...(Config.Cmd ?? [])][0]);
      if (failure) throw failure;
      return;
    }
    if (isGvisorProcess(State.Pid) ? await mainHasBecome(client, ref) : await hasStarted(client, ref)) return;
  }
}

async function hasStarted(client: OciClient, ref: string): Promise<boolean> {
  const pids = await containerProcesses(client, ref);
  const names = pids?.map((pid) => readKernelFile(`/proc/${pid}/comm`)?.trim()) ?? (await askForNames(client, ref));
  return names.some((name) => name !== undefined && !INITS.has(name) && !name.startsWith('runc'));
}

/**
 * The init starts the main program as process 2, which bears the init's name until it has become the
 * program. 1: it is gone, or not there yet; the container's own state tells more.
 */
const BECAME = `
[ $$ = 2 ] && exit 1
n=0
while [ $n -lt 5000 ]; do
  read -r name < /proc/2/comm || exit 1
  [ "$name" = docker-init ] || exit 0
  n=$((n + 1))
done 2>/dev/null`;

/**
 * gVisor's processes are nobody's but its own, so one of them looks at the others. Where an image has
 * no shell to look with, that a command can be run at all must do.
 */
async function mainHasBecome(client: OciClient, ref: string): Promise<boolean> {
  try {
    return await client.call('look whether the container runs', async (docker, abortSignal) => {
      const exec = await docker.getContainer(ref).exec({ Cmd: ['sh', '-c', BECAME], AttachStdout: true, abortSignal });
      const stream = await exec.start({ hijack: true, stdin: false, abortSignal });
      stream.on('error', (error) => client.log.debug({ ref, reason: error.message }, 'a trial’s stream broke'));
      let text = '';
      for await (const chunk of stream) text = `${text}${String(chunk)}`.slice(0, 2000);
      // What cannot be run because the container is ending has the codes of a missing shell as well.
      const { ExitCode } = await exec.inspect({ abortSignal });
      return ExitCode === 0 || (NOT_RUN.has(ExitCode ?? 1) && /error finding executable|failed to load/.test(text));
    });
  } catch (error) {
    // It has just ended. The daemon has two ways to say so.
    if (isAppError(error, 'conflict') || isAppError(error, 'not_found')) return false;
    if (/is not running/.test(engineMessage(error))) return false;
    throw error;
  }
}

/** Where this host cannot see them: the daemon's `ps`. */
async function askForNames(client: OciClient, ref: string): Promise<readonly (string | undefined)[]> {
  try {
    const { Processes } = await client.call('list its processes', (docker, abortSignal) =>
      docker.getContainer(ref).top({ ps_args: '-o pid,comm', abortSignal }),
    );
    return z
      .array(z.array(z.string()))
      .parse(Processes)
      .map((row) => row.at(-1));
  } catch (error) {
    client.log.debug({ ref, reason: engineMessage(error) }, 'the processes of a container could not be listed');
    return [];
  }
}

async function initFailure(client: OciClient, ref: string, program = ''): Promise<AppError | null> {
  const texts: string[] = [];
  const options = { tail: 5, follow: false, signal: new AbortController().signal };
  for await (const lines of readLogs(client, ref, options)) texts.push(...lines.map(({ text }) => text));
  const words = texts.find((text) => /\[FATAL\s+tini|catatonit.*exec/i.test(text));
  if (words === undefined) return null;
  if (program === 'sleep') {
    return new AppError('invalid_input', 'This image names no program to start and has no “sleep” to keep it open', {
      hint: 'Give the sandbox a command',
      details: { field: 'command' },
    });
  }
  const denied = /permission denied/i.test(words);
  return new AppError(
    'invalid_input',
    denied ? `“${program}” is not an executable program` : `Command not found: there is no “${program}” in the image`,
    {
      hint: 'Check the spelling, or use an image that has it',
      details: { field: 'command', command: program },
    },
  );
}
