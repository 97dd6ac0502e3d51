import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { AppError } from '../../../../shared/model/error.ts';
import { draftName } from '../../../lib/files/draft-name.ts';
import type { Folder } from '../../../lib/files/folder.ts';
import { createPace } from '../../../lib/files/pace.ts';
import { removeAt } from '../../../lib/files/remove-at.ts';
import type { Log } from '../../../lib/log.ts';
import { undo } from '../../../lib/undo.ts';
import { linkAt, permissions } from './children.ts';

/** What the writes of one apply have in common. */
export interface Writing {
  readonly signal: AbortSignal;
  readonly log: Log;
}

const CHUNK = 256 * 1024;
/** Between them others have their turn. */
const CHUNKS_AT_ONCE = 8;

/** What a write has put there; null where somebody was at it at once, so it is not known any more to be that. */
export type Put = BigIntStats | null;

/**
 * Copies a file of the layer to the workspace: another reader sees the old or the new one. `before`: what is
 * there now. Of the mode only permissions are taken. Owner and group stay; throws where they cannot.
 */
export async function putFile(
  from: Folder,
  to: Folder,
  name: Buffer,
  above: BigIntStats,
  before: BigIntStats | null,
  writing: Writing,
): Promise<Put> {
  const { bavail, bsize } = statfsSync(to.at(Buffer.from('.')), { bigint: true });
  if (above.size > bavail * bsize) throw new AppError('limit_exceeded', 'it is larger than what is free on the disk');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  using source = openFile(from.at(name), flags);
  if (!fstatSync(source.descriptor).isFile()) throw new AppError('conflict', 'it is no file any more');
  return put(to, name, before, false, writing, async (draft) => {
    using target = openFile(draft, 'wx');
    await copy(source.descriptor, target.descriptor, Number(above.size) + 1, writing.signal);
    keepOwner(target.descriptor, before);
    fchmodSync(target.descriptor, permissions(above));
  });
}

export async function putLink(
  from: Folder,
  to: Folder,
  name: Buffer,
  before: BigIntStats | null,
  writing: Writing,
): Promise<Put> {
  return put(to, name, before, false, writing, async (draft) => symlinkSync(linkAt(from, name), draft));
}

/** An empty folder, closed to others until it has its mode. */
export async function putFolder(to: Folder, name: Buffer, before: BigIntStats | null, writing: Writing): Promise<void> {
  await put(to, name, before, true, writing, async (draft) => mkdirSync(draft, { mode: 0o700 }));
}

async function put(
  to: Folder,
  name: Buffer,
  before: BigIntStats | null,
  isFolder: boolean,
  { signal, log }: Writing,
  make: (draft: Buffer) => Promise<void>,
): Promise<Put> {
  const draft = to.at(draftName());
  try {
    await make(draft);
    // A folder takes the place of nothing but an empty folder, and nothing that of a full one.
    if (before?.isDirectory()) await removeAt(to, name, createPace(signal));
    else if (before && isFolder) unlinkSync(to.at(name));
    const made = lstatSync(draft, { bigint: true });
    renameSync(draft, to.at(name));
    const there = to.look(name);
    return there && isUntouched(made, there) ? there : null;
  } catch (error) {
    return await undo(error, log, { 'remove the draft': async () => discardDraft(draft, isFolder) });
  }
}

/** But for the time of its last change (ctime), which to rename it has set. */
const isUntouched = (made: BigIntStats, there: BigIntStats): boolean =>
  (['ino', 'mode', 'size', 'mtimeNs'] as const).every((each) => made[each] === there[each]);

function discardDraft(draft: Buffer, isFolder: boolean): void {
  try {
    if (isFolder) rmdirSync(draft);
    else unlinkSync(draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Synchronous calls, as most files are small and there may be many: they take a tenth of the time. */
function openFile(path: Buffer, flags: number | string): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(path, flags, 0o600);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}

async function copy(source: number, target: number, most: number, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, most));
  for (let chunks = 1; ; chunks += 1) {
    signal.throwIfAborted();
    const count = readSync(source, buffer, 0, buffer.length, null);
    if (count === 0) return;
    for (let written = 0; written < count; ) written += writeSync(target, buffer, written, count - written);
    if (chunks % CHUNKS_AT_ONCE === 0) await breathe();
  }
}

function keepOwner(target: number, before: BigIntStats | null): void {
  if (!before) return;
  const { uid, gid } = fstatSync(target, { bigint: true });
  if (uid !== before.uid || gid !== before.gid) fchownSync(target, Number(before.uid), Number(before.gid));
}
