import { constants, open } from 'node:fs/promises';

/**
 * The first `most` bytes of a file that a sandbox may have written, as UTF-8; null when it cannot be read or is no
 * regular file. Opening a FIFO would otherwise wait for a writer, for ever and in one of Node's few file threads.
 */
export async function readBeginning(path: string, most: number): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return null;
    const data = Buffer.alloc(most);
    let length = 0;
    for (let read = -1; read !== 0 && length < most; length += read) {
      ({ bytesRead: read } = await file.read(data, length, most - length, length));
    }
    return data.toString('utf8', 0, length);
  } catch {
    return null; // who wrote it may also take it away or close it: the caller then goes without
  }
}
