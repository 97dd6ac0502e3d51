import { constants, open } from 'node:fs/promises';

/**
 * The first `most` bytes of a file that a sandbox may have written, as UTF-8; null when it cannot be read or is no
 * regular file. Opening a FIFO would otherwise wait for a writer, for ever and in one of Node's few file threads.
 * Throws where this process has too many files open (EMFILE, ENFILE): that says nothing about the file.
 */
export async function readBeginning(path: string, most: number): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) return null;
    const data = Buffer.alloc(Math.min(most, stat.size));
    let length = 0;
    for (let read = -1; read !== 0 && length < data.length; length += read) {
      ({ bytesRead: read } = await file.read(data, length, data.length - length, length));
    }
    return data.toString('utf8', 0, length);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') throw error;
    return null; // who wrote it may also take it away or close it: the caller then goes without
  }
}
