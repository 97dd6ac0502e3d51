import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { AppError } from '../../../shared/model/error.ts';

const run = promisify(execFile);

export interface OutputPipe {
  readonly reader: Readable;
  /** For the child's `stdio`. */
  readonly writeFd: number;
  /** Call once the child has it: the reader then sees the end when the child closes its own. */
  readonly closeWriter: () => void;
}

interface OutputPipes {
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
}

/** Both ends of a pipe. */
interface Ends {
  readonly readFd: number;
  readonly writeFd: number;
}

/** Kept ready beyond what is asked for: starting the program that makes them takes as long as starting the command. */
const SPARE = 16;
/** Made at once; others are made next. */
const MOST = 128;

const ready: Ends[] = [];
let wanted = 0;
let making: Promise<void> | null = null;

/**
 * Pipes for a command's stdout and stderr. Node's own are socket pairs, and Linux refuses to open
 * those again: `echo x > /dev/stderr` and `tee /dev/stdout` would fail in a sandbox and nowhere
 * else. Node has no call for a real pipe, so these are FIFOs that lose their names at once.
 */
export async function openOutputPipes(): Promise<OutputPipes> {
  wanted += 2;
  try {
    while (ready.length < 2) {
      making ??= makeSome(Math.min(MOST, wanted + SPARE)).finally(() => {
        making = null;
      });
      await making;
    }
  } finally {
    wanted -= 2;
  }
  const [stdout, stderr] = ready.splice(-2) as [Ends, Ends];
  return { stdout: toPipe(stdout), stderr: toPipe(stderr) };
}

/** In a folder that nothing in a sandbox looks into. */
async function makeSome(count: number): Promise<void> {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-pipes-'));
    try {
      const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
      await run('mkfifo', ['-m', '600', ...paths]);
      for (const path of paths) ready.push(openBoth(path));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (cause) {
    throw new AppError('internal', `The pipes for a command's output could not be made: ${String(cause)}`, { cause });
  }
}

function openBoth(path: string): Ends {
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    return { readFd, writeFd: openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW) };
  } catch (error) {
    closeSync(readFd);
    throw error;
  }
}

const toPipe = ({ readFd, writeFd }: Ends): OutputPipe => ({
  reader: new Socket({ fd: readFd, readable: true, writable: false }),
  writeFd,
  closeWriter: () => closeSync(writeFd),
});
