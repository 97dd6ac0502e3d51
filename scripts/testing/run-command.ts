import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { listProcesses, signalPid, waitUntilGone } from '../lib/processes.ts';
import { tiedToParent } from '../lib/tied.ts';

export interface TestCommand {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface CommandEnd {
  /** In words; null when the command ended with exit code 0. */
  readonly problem: string | null;
  /** The session it led: whatever is still in it was left running. */
  readonly session: number | null;
}

const graceMs = 10_000;

/**
 * Runs one tool with its output going where ours goes. It leads a session of its own, so that a
 * Ctrl-C reaches only us and we end it in order, and so that what it leaves behind can be found.
 */
export async function runTestCommand(command: TestCommand): Promise<CommandEnd> {
  const [program = '', ...args] = tiedToParent(command.argv);
  const child = spawn(program, args, { env: command.env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  const { pid } = child;
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? null : signal ? `ended by ${signal}` : `exit code ${code}`),
    );
  });
  if (pid === undefined) return { problem: await ended, session: null };

  const limit = AbortSignal.timeout(command.timeoutMs);
  const stop = AbortSignal.any([command.signal, limit]);
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort').then(() => undefined);
  const first = await Promise.race([ended, stopped]);
  if (first !== undefined) return { problem: first, session: pid };

  await endGroup(pid);
  await ended;
  const problem = limit.aborted
    ? `did not end within ${Math.round(command.timeoutMs / 60_000)} minutes`
    : 'interrupted';
  return { problem, session: pid };
}

async function endGroup(group: number): Promise<void> {
  signalPid(-group, 'SIGTERM');
  const members = (await listProcesses()).filter((info) => info.group === group);
  const stubborn = await waitUntilGone(members, graceMs);
  if (stubborn.length > 0) signalPid(-group, 'SIGKILL');
}
