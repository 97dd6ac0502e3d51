import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { entryOf, notAFile } from './entry.ts';
import { notFound, toFileError } from './file-errors.ts';
import type { Place } from './place.ts';

const PIECE = 256 * 1024;

/** Opened without waiting for anybody, and looked at once more when it is: it may have been exchanged. */
export async function openToRead({
  folder,
  name,
  stats,
  path,
}: Pick<Place, 'folder' | 'name' | 'stats' | 'path'>): Promise<FileHandle> {
  if (!stats) throw notFound(path);
  // To open a device can do something, and to open a named pipe is noticed by whoever writes to it.
  if (!stats.isFile()) throw notAFile(path, entryOf(folder, name, stats, '').type);
  const file = await open(folder.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const found: BigIntStats = await file.stat({ bigint: true });
  if (found.isFile()) return file;
  await file.close();
  throw notAFile(path, entryOf(folder, name, found, '').type);
}

export interface ReadOptions {
  readonly offset: number;
  readonly signal: AbortSignal;
  /** Told the size, in bytes, before anything is read; what it throws ends the read. A file may grow meanwhile. */
  readonly onSize?: (bytes: number) => void;
}

export async function readFileAt(place: Place): Promise<(options: ReadOptions) => AsyncGenerator<Uint8Array>> {
  const handle = await openToRead(place);
  const { path } = place;
  return async function* ({ offset, signal, onSize }) {
    await using file = handle;
    try {
      onSize?.((await file.stat()).size);
      for (let position = offset; ; ) {
        signal.throwIfAborted();
        // A new one each time, as the reader may keep it.
        const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(PIECE), position });
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw toFileError(path, error);
    }
  };
}
