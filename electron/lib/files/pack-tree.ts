import { type BigIntStats, readlinkSync } from 'node:fs';
import type { FileEntry } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import { typeOf } from './entry.ts';
import { toFileError } from './file-errors.ts';
import { DEEPEST, type Folder, tooDeep } from './folder.ts';
import { toText } from './names.ts';
import { createPace } from './pace.ts';
import type { Place } from './place.ts';
import { openToRead } from './read-file.ts';
import { TAR_END, type TarHeader, tarHeader, tarPadding } from './tar-header.ts';
import type { LeaveOut } from './tree.ts';

const PIECE = 256 * 1024;
const NO_FILES: ReadonlySet<FileEntry['type']> = new Set(['fifo', 'socket', 'device']);

/** One thing that is to be packed. */
interface Item {
  readonly folder: Folder;
  readonly name: Buffer;
  /** In the archive; empty: what is in the folder is outermost. */
  readonly as: string;
  /** As inside. */
  readonly path: string;
}

/** Read as fast as its reader takes it, and never through a link. `as`: the outermost entry's name. */
export async function* packTree(
  place: Place,
  as: string,
  signal: AbortSignal,
  leaveOut?: LeaveOut,
): AsyncGenerator<Uint8Array> {
  const pace = createPace(signal);
  const open: {
    readonly folder: Folder;
    readonly names: Generator<Buffer>;
    readonly as: string;
    readonly path: string;
  }[] = [];
  let item: Item | null = { folder: place.folder, name: place.name, as, path: place.path };
  try {
    for (;;) {
      if (item) {
        await pace();
        const stats = item.folder.look(item.name);
        if (stats && leaveOut && NO_FILES.has(typeOf(stats))) leaveOut(item.as);
        else if (stats) yield* packItem(item, stats, signal);
        const inner = stats?.isDirectory() ? item.folder.enter(item.name) : null;
        if (inner) open.push({ folder: inner, names: inner.names(), as: item.as, path: item.path });
        if (open.length > DEEPEST) throw tooDeep();
      }
      const level = open.at(-1);
      if (!level) break;
      const next = level.names.next();
      if (next.done) {
        level.folder[Symbol.dispose]();
        open.pop();
        item = null;
      } else {
        const text = toText(next.value);
        const path = `${level.path === '/' ? '' : level.path}/${text}`;
        item = { folder: level.folder, name: next.value, as: level.as === '' ? text : `${level.as}/${text}`, path };
      }
    }
    yield TAR_END;
  } catch (error) {
    throw toFileError(item?.path ?? place.path, error);
  } finally {
    for (const { folder, names } of open) {
      names.return(undefined);
      folder[Symbol.dispose]();
    }
  }
}

async function* packItem(
  { folder, name, as, path }: Item,
  stats: BigIntStats,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const type = typeOf(stats);
  // A tar archive has none; tar(1) leaves them out as well.
  if (type === 'socket' || as === '') return;
  if (!as.isWellFormed()) {
    throw new AppError('unsupported', `${path} has a name that is not UTF-8, which cannot be copied.`, {
      hint: 'Rename it, or copy what lies beside it.',
      details: { path },
    });
  }
  const header: TarHeader = {
    name: as,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtime: new Date(Number(stats.mtimeNs / 1_000_000n)),
  };
  switch (type) {
    case 'file': {
      await using file = await openToRead({ folder, name, stats, path });
      const { size } = await file.stat();
      yield tarHeader({ ...header, type, size });
      for (let position = 0; position < size; ) {
        signal.throwIfAborted();
        const length = Math.min(PIECE, size - position);
        const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(length), position });
        if (bytesRead === 0) {
          throw new AppError('conflict', `${path} was cut while it was read.`, {
            hint: 'Try again.',
            details: { path },
          });
        }
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      yield tarPadding(size);
      return;
    }
    case 'symlink': {
      yield tarHeader({ ...header, type, linkname: toText(readlinkSync(folder.at(name), { encoding: 'buffer' })) });
      return;
    }
    case 'directory': {
      yield tarHeader({ ...header, type });
      return;
    }
    case 'fifo': {
      yield tarHeader({ ...header, type });
      return;
    }
    case 'device': {
      yield tarHeader({ ...header, type: stats.isBlockDevice() ? 'block-device' : 'character-device' });
    }
  }
}
