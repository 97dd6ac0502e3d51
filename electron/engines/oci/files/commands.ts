import type { FileEntry } from '../../../../shared/contract/files.ts';
import { AppError, isAppError } from '../../../../shared/model/error.ts';
import type { Exit } from '../../../../shared/model/sandbox.ts';
import { notFound, readOnly } from '../../../lib/files/file-errors.ts';
import { toText } from '../../../lib/files/names.ts';

/** Runs a command in the container; gives what it wrote to stderr, and its stdout as it comes. */
export type RunInside = (
  argv: readonly string[],
  options: { readonly signal: AbortSignal; readonly onOutput?: (chunk: Uint8Array) => void | Promise<void> },
) => Promise<{ readonly exit: Exit; readonly stderr: string }>;

// What archives cannot do, by commands that every usual image has. A path is an argument, so nothing in it is code.

/** Fails in the words of the program, or by what it usually means. */
function failed(path: string, { exit, stderr }: { readonly exit: Exit; readonly stderr: string }): AppError {
  if (/no such file/i.test(stderr)) return notFound(path);
  if (/read-only/i.test(stderr)) return readOnly(path);
  if (/not empty/i.test(stderr))
    return new AppError('conflict', `The folder ${path} is not empty.`, { hint: 'Remove it recursively.' });
  if (/permission denied|not permitted/i.test(stderr))
    return new AppError('denied', `The sandbox’s user may not do this to ${path}.`);
  if (/not a directory|is a directory/i.test(stderr))
    return new AppError('conflict', `${path} is not what is needed there: ${stderr.trim()}`);
  return new AppError('internal', `${path}: ${stderr.trim() || `the command ended with ${exit.code ?? exit.signal}`}`);
}

export async function removeInside(
  run: RunInside,
  path: string,
  isFolder: boolean,
  recursive: boolean,
  signal: AbortSignal,
): Promise<void> {
  const command = recursive ? ['rm', '-rf'] : isFolder ? ['rmdir'] : ['rm', '-f'];
  const done = await run([...command, '--', path], { signal });
  if (done.exit.code !== 0) throw failed(path, done);
}

/** `-T` is not everywhere: whoever calls it sees to it that `to` is no folder. */
export async function renameInside(run: RunInside, from: string, to: string, signal: AbortSignal): Promise<void> {
  const done = await run(['mv', '-f', '--', from, to], { signal });
  if (done.exit.code !== 0) throw failed(from, done);
}

/**
 * A record ends with `//` and a line feed, which no name has in it. Type and permissions are one number, in hexadecimal. The
 * fractions of a second are in the time in words only, of which some programs give none.
 */
const LIST = 'cd -- "$1" && exec find . ! -name . -prune -exec stat -c "%f %s %Y %y %n//" {} +';
/** find(1) is there, and what it is to run is not. */
const LACKING = /find: \S*stat\S* no such file/i;
const GONE = /\.\/.*no such file/i;
const BATCH = 500;
/** Longer than any record. */
const MOST_HELD = 64 * 1024;

export async function* listInside(
  run: RunInside,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly FileEntry[]> {
  const stop = new AbortController();
  const queue: FileEntry[][] = [];
  let wake = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  let held = Buffer.alloc(0);
  const onOutput = (chunk: Uint8Array) => {
    held = Buffer.concat([held, chunk]);
    const end = held.lastIndexOf('//\n');
    if (end < 0) {
      if (held.length > MOST_HELD) stop.abort(new AppError('internal', `The list of ${path} could not be read.`));
      return undefined;
    }
    queue.push(recordsOf(held.subarray(0, end)));
    held = Buffer.from(held.subarray(end + 3));
    wake.resolve();
    if (queue.length < 8) return undefined;
    room = Promise.withResolvers();
    return room.promise;
  };
  let told = false;
  let over = false;
  const ended = run(['sh', '-c', LIST, 'sh', path], {
    signal: AbortSignal.any([signal, stop.signal]),
    onOutput,
  }).finally(() => {
    over = true;
    wake.resolve();
  });
  ended.catch(() => undefined); // told below
  try {
    for (;;) {
      const entries = queue.shift();
      room.resolve();
      if (entries) {
        told = true;
        for (let at = 0; at < entries.length; at += BATCH) yield entries.slice(at, at + BATCH);
      } else if (over) {
        break;
      } else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
    const done = await ended;
    // An entry that goes meanwhile makes it fail, too; all others were told.
    if (done.exit.code === 0 || told || GONE.test(done.stderr)) return;
    throw LACKING.test(done.stderr) || [126, 127].includes(done.exit.code ?? 0)
      ? new AppError('invalid_input', `A program that lists ${path} is missing: ${done.stderr.trim()}`)
      : failed(path, done);
  } finally {
    stop.abort(new AppError('cancelled', 'Nobody reads the list any more.'));
    room.resolve();
  }
}

const types: Readonly<Record<number, FileEntry['type']>> = {
  8: 'file',
  4: 'directory',
  10: 'symlink',
  1: 'fifo',
  12: 'socket',
};

function recordsOf(bytes: Buffer): FileEntry[] {
  const found: FileEntry[] = [];
  for (const record of bytes.toString('latin1').split('//\n')) {
    const [, mode = '', size = '', seconds = '', time = '', name = ''] =
      /^([0-9a-f]+) (\d+) (-?\d+) ([^/]*) \.\/(.*)$/s.exec(record) ?? [];
    if (name === '') continue;
    const bits = Number.parseInt(mode, 16);
    const type = types[bits >> 12] ?? 'device';
    found.push({
      name: toText(Buffer.from(name, 'latin1')),
      type,
      size: type === 'file' ? Number(size) : 0,
      mode: bits & 0o7777,
      modifiedAt: Number(seconds) * 1000 + millisecondsOf(time),
      target: null,
    });
  }
  return found;
}

/** Of `2026-01-31 12:00:00.123456789 +0000`. */
const millisecondsOf = (time: string) => Number((/\.(\d{3})/.exec(time) ?? [])[1] ?? 0);

/** There is no such program in the image. */
export const lacksProgram = (error: unknown): boolean => isAppError(error, 'invalid_input');
