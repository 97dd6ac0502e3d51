import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { z } from 'zod';
import type { FileEntry } from '../../../../shared/contract/files.ts';
import { AppError, isAppError } from '../../../../shared/model/error.ts';
import { notAFile } from '../../../lib/files/entry.ts';
import { notFound, readOnly } from '../../../lib/files/file-errors.ts';
import type { ReadOptions } from '../../../lib/files/read-file.ts';
import { asTarError } from '../../../lib/files/unpack-tree.ts';
import type { Bytes } from '../../engine.ts';
import type { OciClient } from '../client.ts';
import { spool } from './spool.ts';
import { createStallGuard } from './stall-guard.ts';

// Files by the engine's own archives: of any container, running or not. Links are the engine's to follow, and lead nowhere
// but inside.

/** Go's `os.FileMode`. */
const bits = {
  symlink: 1 << 27,
  device: 1 << 26,
  fifo: 1 << 25,
  socket: 1 << 24,
  setuid: 1 << 23,
  setgid: 1 << 22,
  sticky: 1 << 20,
};
const DIRECTORY = 2 ** 31;

const statSchema = z.object({
  name: z.string(),
  size: z.number(),
  mode: z.number(),
  mtime: z.string(),
  linkTarget: z.string(),
});

export interface Found {
  readonly entry: FileEntry;
  /** Where a link leads, all links followed; null for what is none. */
  readonly leadsTo: string | null;
}

export interface ArchiveSource {
  readonly client: OciClient;
  readonly ref: string;
  /** Throws for a place that archives show wrongly: a link may lead there. */
  readonly allow: (path: string) => void;
}

/** Null: nothing is there. */
export async function statAt({ client, ref }: ArchiveSource, path: string): Promise<Found | null> {
  let header: unknown;
  try {
    header = await client.call('look at a file', async (docker, abortSignal) => {
      const response = (await docker
        .getContainer(ref)
        .infoArchive({ path, abortSignal } as { path: string })) as unknown as IncomingMessage;
      response.destroy();
      return response.headers['x-docker-container-path-stat'];
    });
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    const known = toFileError(error, path);
    // An answer without a body has no words.
    if (isAppError(known, 'internal'))
      throw new AppError(
        'conflict',
        `${path} cannot be looked at: a part of it is no folder, or a link that leads back to itself.`,
      );
    throw known;
  }
  const { size, mode, mtime, linkTarget } = statSchema.parse(
    JSON.parse(Buffer.from(String(header), 'base64').toString()),
  );
  const type = typeOf(mode);
  return {
    entry: {
      name: posix.basename(posix.resolve(path)),
      type,
      size: type === 'file' ? size : 0,
      mode:
        (mode & 0o777) |
        (mode & bits.setuid ? 0o4000 : 0) |
        (mode & bits.setgid ? 0o2000 : 0) |
        (mode & bits.sticky ? 0o1000 : 0),
      modifiedAt: Date.parse(mtime),
      target: type === 'symlink' ? linkTarget : null,
    },
    leadsTo: type === 'symlink' ? linkTarget : null,
  };
}

function typeOf(mode: number): FileEntry['type'] {
  if (Math.floor(mode / DIRECTORY) % 2 === 1) return 'directory';
  if (mode & bits.symlink) return 'symlink';
  if (mode & bits.device) return 'device';
  if (mode & bits.fifo) return 'fifo';
  return mode & bits.socket ? 'socket' : 'file';
}

/** The same of what a link leads to. */
export async function followAt(
  source: ArchiveSource,
  path: string,
): Promise<{ readonly path: string; readonly found: Found | null }> {
  const found = await statAt(source, path);
  if (!found?.leadsTo) return { path, found };
  source.allow(found.leadsTo);
  return { path: found.leadsTo, found: await statAt(source, found.leadsTo) };
}

/**
 * A tar archive as the engine makes it, as fast as that is: an engine may hold a container's lock until it is read, and
 * whoever asked for it may be slow.
 */
export async function* readArchive(
  source: ArchiveSource,
  path: string,
  signal: AbortSignal,
  /** In bytes, where it is known before. */
  size = 0,
): AsyncGenerator<Uint8Array> {
  await using archive = await spool(archiveOf(source, path, signal), { path, size });
  for await (const piece of archive.read()) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** The same without a copy, for who reads it at once. */
export async function* archiveOf(
  { client, ref }: ArchiveSource,
  path: string,
  signal: AbortSignal,
): Bytes & AsyncGenerator<Uint8Array> {
  using guard = createStallGuard(client.engine, signal);
  let stream: Readable | undefined;
  try {
    const opened = (await client.call(
      'read files',
      (docker, abortSignal) => docker.getContainer(ref).getArchive({ path, abortSignal } as { path: string }),
      { signal: guard.signal },
    )) as Readable;
    stream = opened;
    const end = () => opened.destroy(guard.signal.reason);
    guard.signal.addEventListener('abort', end, { once: true });
    for await (const chunk of opened) {
      guard.pause();
      yield chunk as Buffer;
      guard.touch();
    }
  } catch (error) {
    guard.signal.throwIfAborted();
    throw isAppError(error, 'not_found') ? notFound(path) : toFileError(error, path);
  } finally {
    stream?.destroy();
  }
}

export interface TarEntry {
  readonly header: Header;
  readonly bytes: Bytes;
}

/** What is in an archive, one after another. */
export async function* entriesOf(tar: Bytes): AsyncGenerator<TarEntry> {
  const entries = extract();
  const fed = pipeline(tar, entries);
  // Told below, unless the reader has enough.
  fed.catch(() => undefined);
  try {
    for await (const entry of entries) {
      yield { header: entry.header, bytes: entry as Bytes };
      entry.resume();
    }
  } catch (error) {
    // What the source itself failed with comes first.
    await fed.catch((failure: unknown) => {
      throw asTarError(failure);
    });
    throw asTarError(error);
  } finally {
    entries.destroy();
  }
}

export async function* readFileAt(
  source: ArchiveSource,
  asked: string,
  { offset, signal, onSize }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { path, found } = await followAt(source, asked);
  if (!found) throw notFound(asked);
  if (found.entry.type !== 'file') throw notAFile(asked, found.entry.type);
  // Before anything is read: the engine sends all of it, whatever is taken.
  onSize?.(found.entry.size);
  let skip = offset;
  for await (const { header, bytes } of entriesOf(readArchive(source, path, signal, found.entry.size))) {
    if (header.type !== 'file') break;
    for await (const piece of bytes) {
      const rest = piece.subarray(Math.min(skip, piece.byteLength));
      skip -= piece.byteLength - rest.byteLength;
      if (rest.byteLength > 0) yield rest;
    }
    return;
  }
  // It was exchanged meanwhile.
  throw new AppError('conflict', `${asked} is not a file any more.`);
}

/** Unpacks an archive in a folder that is there. */
export async function putArchive(
  { client, ref }: ArchiveSource,
  { folder, path }: { readonly folder: string; readonly path: string },
  tar: Readable,
  signal: AbortSignal,
): Promise<void> {
  using guard = createStallGuard(client.engine, signal);
  tar.on('data', guard.touch);
  tar.pause();
  const options = { path: folder, noOverwriteDirNonDir: 'true', abortSignal: guard.signal } as { path: string };
  try {
    const response = await client.call(
      'write files',
      (docker) => docker.getContainer(ref).putArchive(tar, options),
      // It ends with the archive, or when nothing moves any more.
      { signal: guard.signal, timeoutMs: MOST_MS },
    );
    response.resume?.();
  } catch (error) {
    guard.signal.throwIfAborted();
    throw isAppError(error, 'not_found') ? notFound(path) : toFileError(error, path);
  }
}
/** The longest that a timer can wait. */
const MOST_MS = 2 ** 31 - 1;

const meanings: readonly (readonly [RegExp, (path: string) => AppError])[] = [
  [
    /no space left|disk quota/i,
    (path) =>
      new AppError('limit_exceeded', `The disk is full: ${path} could not be written.`, {
        hint: 'Free some space and try again.',
      }),
  ],
  [/read-only/i, readOnly],
  [/permission denied|operation not permitted/i, (path) => new AppError('denied', `The engine may not write ${path}.`)],
  [
    /not a directory|cannot overwrite|file exists|is a directory/i,
    (path) => new AppError('conflict', `There is something else at ${path}, or a part of it is no folder.`),
  ],
];

/** The engine's own words, where they say what is wrong. */
export function toFileError(error: unknown, path: string): unknown {
  if (!isAppError(error)) return error;
  const [, make] = meanings.find(([pattern]) => pattern.test(error.message)) ?? [];
  const known = make?.(path);
  return known ? new AppError(known.code, known.message, { hint: known.hint, details: { path }, cause: error }) : error;
}
