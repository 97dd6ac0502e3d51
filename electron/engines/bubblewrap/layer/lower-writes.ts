import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants, mkdirSync, renameSync, rmdirSync, statfsSync, symlinkSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../../../shared/model/error.ts';
import { linkAt, permissions } from './children.ts';
import { DEEPEST, type Folder, tooDeep } from './folder.ts';

const CHUNK = 256 * 1024;

/** Lies beside what it becomes, so that it becomes that at once. */
const draftName = () => Buffer.from(`.terrarium-${randomBytes(6).toString('hex')}.tmp`);

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
  signal: AbortSignal,
): Promise<void> {
  const { bavail, bsize } = statfsSync(to.at(Buffer.from('.')), { bigint: true });
  if (above.size > bavail * bsize) throw new AppError('limit_exceeded', 'it is larger than what is free on the disk');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using source = await open(from.at(name), flags);
  if (!(await source.stat()).isFile()) throw new AppError('conflict', 'it is no file any more');
  await put(to, name, before, false, async (draft) => {
    await using target = await open(draft, 'wx', 0o600);
    await copy(source, target, signal);
    await keepOwner(target, before);
    await target.chmod(permissions(above));
  });
}

export async function putLink(from: Folder, to: Folder, name: Buffer, before: BigIntStats | null): Promise<void> {
  await put(to, name, before, false, async (draft) => symlinkSync(linkAt(from, name), draft));
}

/** An empty folder, closed to others until it has its mode. */
export async function putFolder(to: Folder, name: Buffer, before: BigIntStats | null): Promise<void> {
  await put(to, name, before, true, async (draft) => mkdirSync(draft, { mode: 0o700 }));
}

async function put(
  to: Folder,
  name: Buffer,
  before: BigIntStats | null,
  isFolder: boolean,
  make: (draft: Buffer) => Promise<void>,
): Promise<void> {
  const draft = to.at(draftName());
  try {
    await make(draft);
    // A folder takes the place of nothing but an empty folder, and nothing that of a full one.
    if (before?.isDirectory()) removeAt(to, name);
    else if (before && isFolder) unlinkSync(to.at(name));
    renameSync(draft, to.at(name));
  } catch (error) {
    discardDraft(draft, isFolder);
    throw error;
  }
}

function discardDraft(draft: Buffer, isFolder: boolean): void {
  try {
    if (isFolder) rmdirSync(draft);
    else unlinkSync(draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function copy(source: FileHandle, target: FileHandle, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(CHUNK);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, CHUNK, null);
    if (bytesRead === 0) return;
    let written = 0;
    while (written < bytesRead) written += (await target.write(buffer, written, bytesRead - written)).bytesWritten;
  }
}

async function keepOwner(target: FileHandle, before: BigIntStats | null): Promise<void> {
  if (!before) return;
  const { uid, gid } = await target.stat({ bigint: true });
  if (uid === before.uid && gid === before.gid) return;
  await target.chown(Number(before.uid), Number(before.gid));
}

/** Removes a file or folder of the workspace, and never what a link leads to, whoever changes things meanwhile. */
export function removeAt(folder: Folder, name: Buffer, depth = 0): void {
  if (depth > DEEPEST) throw tooDeep();
  using inner = folder.enter(name);
  if (!inner) {
    unlinkSync(folder.at(name));
    return;
  }
  for (const each of inner.names()) removeAt(inner, each, depth + 1);
  rmdirSync(folder.at(name));
}
