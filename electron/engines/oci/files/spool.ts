import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, open, statfs, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../../shared/model/error.ts';
import { inFileErrors } from '../../../lib/files/file-errors.ts';
import type { Bytes } from '../../engine.ts';

export interface Spool extends AsyncDisposable {
  readonly size: number;
  readonly read: () => AsyncGenerator<Uint8Array>;
}

const PIECE = 256 * 1024;
/** On a disk, where the usual folder is often memory. */
const ON_DISK = '/var/tmp';

/** Written between two looks at what is left. */
const LOOK_EVERY = 16 * 1024 * 1024;

interface SpoolOptions {
  /** What it is a copy of, as inside. */
  readonly path: string;
  /** In bytes, where it is known before. */
  readonly size?: number;
  /** For tests; else one for temporary files on a disk. */
  readonly folder?: string;
}

/** Keeps what comes until all of it has: an archive says a file's size before the file. It has no name, so it goes with this process. */
export async function spool(bytes: Bytes, { path, size: expected = 0, folder }: SpoolOptions): Promise<Spool> {
  const within = folder ?? (await folderOnDisk());
  return await inFileErrors(`the copy of ${path}`, async () => {
    await requireRoom(within, path, { written: 0, ahead: expected });
    const name = join(within, `terrarium-${randomBytes(8).toString('hex')}.tmp`);
    const file = await open(name, 'wx+', 0o600);
    try {
      await unlink(name);
      return spoolOf(file, await fill(file, bytes, (written) => requireRoom(within, path, { written, ahead: 0 })));
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}

const folderOnDisk = () =>
  access(ON_DISK, constants.W_OK).then(
    () => ON_DISK,
    () => tmpdir(),
  );

/** What a sandbox says of its files’ sizes costs it nothing: no copy is larger than what it leaves free on this machine. */
async function requireRoom(
  folder: string,
  path: string,
  { written, ahead }: { readonly written: number; readonly ahead: number },
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const left = bavail * bsize - ahead;
  if (written + ahead <= left) return;
  throw new AppError(
    'limit_exceeded',
    `A copy of ${path} would take more than half of this machine’s free disk space.`,
    {
      hint: 'Free some space, or copy it in parts.',
      details: { path },
    },
  );
}

/** Gives its size. */
async function fill(file: FileHandle, bytes: Bytes, look: (written: number) => Promise<void>): Promise<number> {
  let size = 0;
  let looked = 0;
  for await (const piece of bytes) {
    for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
    size += piece.byteLength;
    if (size - looked < LOOK_EVERY) continue;
    looked = size;
    await look(size);
  }
  return size;
}

function spoolOf(file: FileHandle, size: number): Spool {
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
