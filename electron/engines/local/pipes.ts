import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
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

/**
 * Pipes for a command's stdout and stderr. Node's own are socket pairs, and Linux refuses to open
 * those again: `echo x > /dev/stderr` and `tee /dev/stdout` would fail in a sandbox and nowhere
 * else. Node has no call for a real pipe, so these are FIFOs that lose their names at once.
 */
export async function openOutputPipes(folder: string): Promise<OutputPipes> {
  const name = join(folder, `.pipe-${randomBytes(6).toString('hex')}`);
  const names = [`${name}-out`, `${name}-err`] as const;
  try {
    await run('mkfifo', ['-m', '600', ...names]);
    const stdout = openPipe(names[0]);
    try {
      return { stdout, stderr: openPipe(names[1]) };
    } catch (error) {
      stdout.closeWriter();
      stdout.reader.destroy();
      throw error;
    }
  } catch (cause) {
    throw new AppError('internal', `The pipes for a command's output could not be made: ${String(cause)}`, { cause });
  } finally {
    await Promise.all(names.map((each) => rm(each, { force: true })));
  }
}

function openPipe(path: string): OutputPipe {
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  return {
    reader: new Socket({ fd: readFd, readable: true, writable: false }),
    writeFd,
    closeWriter: () => closeSync(writeFd),
  };
}
