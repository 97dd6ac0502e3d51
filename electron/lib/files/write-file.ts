import { constants, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { draftName } from './draft-name.ts';
import { notAFile, typeOf } from './entry.ts';
import { giveFile } from './owner.ts';
import type { Place } from './place.ts';
import type { Bytes } from './tree.ts';

interface WriteOptions {
  /** Of what is there, or 0644, when undefined. */
  readonly mode?: number | undefined;
  readonly modifiedAt?: Date | undefined;
  readonly signal: AbortSignal;
}

/** Beside its place first: another reader sees the old file or the new one, and a full disk leaves nothing behind. */
export async function writeFileAt(
  { folder, name, stats, path }: Pick<Place, 'folder' | 'name' | 'stats' | 'path'>,
  bytes: Bytes,
  { mode, modifiedAt, signal }: WriteOptions,
): Promise<void> {
  if (stats && !stats.isFile()) throw notAFile(path, typeOf(stats));
  const draft = folder.at(draftName());
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const file = await open(draft, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    try {
      for await (const piece of bytes) {
        signal.throwIfAborted();
        for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
      }
      signal.throwIfAborted();
      giveFile(file.fd, folder, stats);
      await file.chmod(mode ?? (stats ? Number(stats.mode & 0o777n) : 0o644));
      if (modifiedAt) await file.utimes(modifiedAt, modifiedAt);
    } finally {
      await file.close();
    }
    renameSync(draft, folder.at(name));
  } catch (error) {
    // With its folder it may be gone already.
    rmSync(draft, { force: true });
    throw error;
  }
}
