import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { sleep } from '../../lib/sleep.ts';
import type { SandboxPaths } from './manifest.ts';
import { countCut } from './output-bytes.ts';

/** A log file that has grown beyond this is cut; the end of it is kept beside it. */
export const LOG_MAX = 10 * 1024 * 1024;
/** The part of a log that is kept when it is cut. */
const KEPT = 0.4;
const CHUNK = 256 * 1024;
/** A longer line is delivered in parts. */
const LINE_MAX = 64 * 1024;
const BATCH = 1000;
const POLL_MS = 100;

const older = (path: string) => `${path}.1`;

/** A program that may write only small files would be ended by its own log. */
export const logMax = (fileSizeBytes = Number.POSITIVE_INFINITY): number => Math.min(LOG_MAX, fileSizeBytes / 2);

/**
 * Cuts a log that has grown too large. The program goes on appending to the same file, so the file
 * is emptied in place; what it writes between the copy and the cut is lost.
 */
export async function rotateLog(path: string, max: number): Promise<boolean> {
  const file = await openLog(path, constants.O_RDWR);
  if (!file) return false;
  try {
    const { size } = await file.stat();
    if (size <= max) return false;
    const tail = await readAt(file, size - Math.floor(max * KEPT), size);
    await writeFileAtomic(older(path), tail.subarray(tail.indexOf(10) + 1).toString('utf8'));
    const { size: all } = await file.stat();
    await file.truncate(0);
    await countCut(path, all);
    return true;
  } finally {
    await file.close();
  }
}

/**
 * The main program's output. Two files without times, so the order between stdout and stderr is not
 * known: the lines of stdout come first, and both share the `tail`. With `follow`, ends when
 * `isOver` says so and all was read.
 */
export async function* readLogs(
  paths: SandboxPaths,
  options: { readonly tail: number; readonly follow: boolean; readonly signal: AbortSignal },
  isOver: () => Promise<boolean>,
): AsyncGenerator<readonly LogLine[], void> {
  const { tail, follow, signal } = options;
  const readers = [createReader('stdout', paths.stdout), createReader('stderr', paths.stderr)] as const;
  // Asked first: what is written before the end is then surely read.
  let over = !follow || (await isOver());
  const [out, err] = [await readers[0].last(tail, over), await readers[1].last(tail, over)];
  const errShare = Math.min(err.length, Math.max(tail - out.length, Math.floor(tail / 2)));
  yield* batches(lastOf(out, tail - errShare));
  yield* batches(lastOf(err, errShare));

  while (!over && !signal.aborted) {
    await sleep(POLL_MS, signal);
    if (signal.aborted) return;
    over = await isOver();
    for (const reader of readers) {
      for await (const lines of reader.more(over)) {
        yield* batches(lines);
        if (signal.aborted) return;
      }
    }
  }
}

/** The last `most` bytes of a log as UTF-8; empty where there is none. */
export async function readLogEnd(path: string, most: number): Promise<string> {
  const file = await openLog(path, constants.O_RDONLY);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    return (await readAt(file, Math.max(0, size - most), size)).toString('utf8');
  } finally {
    await file.close();
  }
}

const lastOf = (lines: readonly LogLine[], count: number) => (count <= 0 ? [] : lines.slice(-count));

function* batches(lines: readonly LogLine[]): Generator<readonly LogLine[]> {
  for (let at = 0; at < lines.length; at += BATCH) yield lines.slice(at, at + BATCH);
}

function createReader(stream: LogLine['stream'], path: string) {
  let offset = 0;
  let splitter = createSplitter(stream);

  return {
    /** The last lines of what is there, the unfinished one only at the end of all. */
    async last(count: number, final: boolean): Promise<readonly LogLine[]> {
      const parts: Buffer[] = [];
      for (const each of [older(path), path]) {
        const file = await openLog(each, constants.O_RDONLY);
        if (!file) continue;
        try {
          const { size } = await file.stat();
          // No more than what rotation would keep: a program can write faster than it is cut.
          if (count > 0) parts.push(await readAt(file, Math.max(0, size - LOG_MAX), size));
          if (each === path) offset = size;
        } finally {
          await file.close();
        }
      }
      const lines = splitter.push(Buffer.concat(parts));
      return lastOf(final ? [...lines, ...splitter.end()] : lines, count);
    },
    async *more(final: boolean): AsyncGenerator<readonly LogLine[]> {
      const file = await openLog(path, constants.O_RDONLY);
      if (!file) return;
      try {
        const { size } = await file.stat();
        if (size < offset) {
          // It was cut: begin anew.
          offset = 0;
          splitter = createSplitter(stream);
        }
        while (offset < size) {
          const data = await readAt(file, offset, Math.min(size, offset + CHUNK));
          if (data.length === 0) break;
          offset += data.length;
          yield splitter.push(data);
        }
        if (final) yield splitter.end();
      } finally {
        await file.close();
      }
    },
  };
}

/** Cuts bytes into lines; keeps what is unfinished. */
function createSplitter(stream: LogLine['stream']) {
  let decoder = new StringDecoder('utf8');
  let rest = '';
  const line = (text: string): LogLine => ({ at: null, stream, text: text.endsWith('\r') ? text.slice(0, -1) : text });
  return {
    push(data: Uint8Array): LogLine[] {
      const texts = (rest + decoder.write(Buffer.from(data))).split('\n');
      rest = texts.pop() ?? '';
      const lines = texts.map(line);
      while (rest.length > LINE_MAX) {
        lines.push(line(rest.slice(0, LINE_MAX)));
        rest = rest.slice(LINE_MAX);
      }
      return lines;
    },
    end(): LogLine[] {
      const last = rest + decoder.end();
      rest = '';
      decoder = new StringDecoder('utf8');
      return last === '' ? [] : [line(last)];
    },
  };
}

/** What opening says of a log that is not there, or of a link or a FIFO that a program has put in its place. */
const NO_LOG = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO']);

/** Null when there is none. Never through a link: the programs inside can write to the folder. */
async function openLog(path: string, flags: number): Promise<FileHandle | null> {
  try {
    return await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NO_LOG.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function readAt(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const data = Buffer.alloc(to - from);
  let length = 0;
  while (length < data.length) {
    const { bytesRead } = await file.read(data, length, data.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return data.subarray(0, length);
}
