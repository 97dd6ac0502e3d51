import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFileErrors } from '../../../lib/files/file-errors.ts';
import type { Bytes } from '../../engine.ts';

export interface Spool extends AsyncDisposable {
  readonly size: number;
  readonly read: () => AsyncGenerator<Uint8Array>;
}

const PIECE = 256 * 1024;
/** On a disk, where the usual folder is often memory. */
const ON_DISK = '/var/tmp';

/** Keeps what comes until all of it has: an archive says a file's size before the file. It has no name, so it goes with this process. */
export async function spool(bytes: Bytes): Promise<Spool> {
  const folder = await access(ON_DISK, constants.W_OK).then(
    () => ON_DISK,
    () => tmpdir(),
  );
  const path = join(folder, `terrarium-${randomBytes(8).toString('hex')}.tmp`);
  const file = await open(path, 'wx+', 0o600);
  let size = 0;
  try {
    await inFileErrors(path, async () => {
      await unlink(path);
      for await (const piece of bytes) {
        for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
        size += piece.byteLength;
      }
    });
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    size,
    async *read() {
      for (let position = 0; position < size; ) {
        const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(PIECE), position });
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
