import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Bytes } from '../../engines/engine.ts';
import { bytesOnDisk, foldersOf } from '../budgets/disk.ts';

/**
 * Ends a write at the sandbox's limits of file size (of one file; null: an archive of many) and of disk space, which its own
 * programs could not pass either. What lies there is counted once, before.
 */
export async function* withinLimits(
  home: string,
  sandbox: Sandbox,
  bytes: Bytes,
  { path, isFile, signal }: { readonly path: string; readonly isFile: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { fileSizeBytes, diskBytes } = sandbox.spec?.limits ?? {};
  const used = diskBytes === undefined ? 0 : await bytesOnDisk(foldersOf(home, sandbox), signal);
  const limits = [
    { most: isFile ? fileSizeBytes : undefined, what: 'file size', name: 'fileSizeBytes' },
    { most: diskBytes === undefined ? undefined : diskBytes - used, what: 'disk space', name: 'diskBytes' },
  ];
  let written = 0;
  for await (const piece of bytes) {
    written += piece.byteLength;
    for (const { most, what, name } of limits) {
      if (most === undefined || written <= most) continue;
      throw new AppError('limit_exceeded', `${path} would pass the sandbox’s limit of ${what}.`, {
        hint: 'Write less, or raise the limit.',
        details: { limit: name },
      });
    }
    yield piece;
  }
}
