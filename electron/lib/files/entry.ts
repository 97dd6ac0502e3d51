import { type BigIntStats, readlinkSync } from 'node:fs';
import type { FileEntry } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Folder } from './folder.ts';
import { toText } from './names.ts';

export function typeOf(stats: BigIntStats): FileEntry['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}

/** `name`: in `folder`; `shown`: what it is called. */
export function entryOf(folder: Folder, name: Buffer, stats: BigIntStats, shown: string): FileEntry {
  return {
    name: shown,
    type: typeOf(stats),
    size: stats.isFile() ? Number(stats.size) : 0,
    mode: Number(stats.mode & 0o7777n),
    modifiedAt: Number(stats.mtimeNs / 1_000_000n),
    target: stats.isSymbolicLink() ? linkText(folder, name) : null,
  };
}

function linkText(folder: Folder, name: Buffer): string | null {
  try {
    return toText(readlinkSync(folder.at(name), { encoding: 'buffer' }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EINVAL') return null; // no link any more
    throw error;
  }
}

const kinds: Readonly<Record<FileEntry['type'], string>> = {
  file: 'a file',
  directory: 'a folder',
  symlink: 'a link',
  fifo: 'a named pipe',
  socket: 'a socket',
  device: 'a device',
};

/** For what is neither read nor written, as that could wait for ever or do something. */
export const notAFile = (path: string, type: FileEntry['type']): AppError =>
  new AppError('conflict', `${path} is ${kinds[type]}, not a file.`, { details: { path, type } });
