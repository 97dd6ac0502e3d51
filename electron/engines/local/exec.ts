import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { feedInput, type Input } from '../../lib/feed-input.ts';
import type { ExecIo } from '../engine.ts';
import { spawnChecked } from './main-program.ts';
import { openOutputPipes } from './pipes.ts';

/** When a command has ended but something it left behind holds its output open, this much silence is the end. */
const QUIET_TICKS = 5;
const TICK_MS = 25;

export interface StartedExec {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Ends the command and all that it started. */
  readonly kill: () => Promise<unknown>;
}

export interface ExecStart {
  readonly prefix: readonly string[];
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Input | undefined;
  /** It stands by: its input stays open, and so does its descriptor 3. */
  readonly standsBy?: boolean;
  readonly kill: (pid: number) => Promise<unknown>;
}

/** Starts a command in a session of its own. */
export async function startExec(start: ExecStart): Promise<StartedExec> {
  const { prefix, argv, cwd, env, stdin, standsBy = false, kill } = start;
  const { stdout, stderr } = await openOutputPipes();
  try {
    const input = stdin || standsBy ? ('pipe' as const) : ('ignore' as const);
    const stdio = [input, stdout.writeFd, stderr.writeFd, ...(standsBy ? (['pipe'] as const) : [])];
    const child = await spawnChecked([...prefix, ...argv], cwd, env, stdio);
    // A command need not read its input: then writing it fails, and that is no error.
    child.stdin?.on('error', () => undefined);
    if (child.stdin && !standsBy) feedInput(child.stdin, stdin).catch(() => child.stdin?.destroy());
    return { child, stdout: stdout.reader, stderr: stderr.reader, kill: () => kill(child.pid ?? 0) };
  } catch (error) {
    stdout.reader.destroy();
    stderr.reader.destroy();
    throw error;
  } finally {
    stdout.closeWriter();
    stderr.closeWriter();
  }
}

/**
 * Carries the output of a command that was just started, until its end.
 */
export async function superviseExec({ child, stdout, stderr, kill }: StartedExec, io: ExecIo): Promise<Exit> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(io.signal.reason);
  io.signal.addEventListener('abort', onAbort);
  if (io.signal.aborted) onAbort();

  let activity = 0;
  let busy = 0;
  const carry = async (name: 'stdout' | 'stderr', stream: Readable) => {
    for await (const chunk of stream) {
      activity += 1;
      busy += 1;
      try {
        await io.onOutput(name, chunk);
      } finally {
        busy -= 1;
      }
    }
  };
  const exited = new Promise<Exit>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ code: child.exitCode, signal: child.signalCode });
    }
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const carried = Promise.all([carry('stdout', stdout), carry('stderr', stderr)]);

  /** Resolves when the command is over and its output has ended, or nothing more comes. */
  const over = async () => {
    const exit = await Promise.race([exited, carried.then(() => exited)]);
    await Promise.race([
      carried,
      silence(
        () => activity,
        () => busy > 0,
      ),
    ]);
    return exit;
  };

  try {
    return await Promise.race([over(), aborted.promise]);
  } catch (error) {
    await kill();
    throw error;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    stdout.destroy();
    stderr.destroy();
    child.stdin?.destroy();
    // After an abort the reader may still be busy; its late failure has nobody to go to.
    carried.catch(() => undefined);
    aborted.promise.catch(() => undefined); // the race above was won by something else
  }
}

/** Counted in ticks and not in time: after the host itself was held up, output gets its turn first. */
async function silence(activity: () => number, isBusy: () => boolean): Promise<void> {
  let last = activity();
  for (let quiet = 0; quiet < QUIET_TICKS; quiet += 1) {
    await delay(TICK_MS);
    if (isBusy() || activity() !== last) quiet = -1;
    last = activity();
  }
}
