import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import type { Folder } from '../../../lib/files/folder.ts';

/** One folder of the workspace: as it was written, as it is, and as the sandbox sees it. */
export interface Level {
  readonly upper: Folder;
  /** Null where the folder is new. */
  readonly lower: Folder | null;
  readonly merged: Folder | null;
}

/** What became of one name in a folder. */
export type Child =
  | { readonly kind: 'added'; readonly name: Buffer; readonly upper: BigIntStats }
  | { readonly kind: 'deleted'; readonly name: Buffer; readonly lower: BigIntStats }
  | {
      /** `same`: it was only touched. `inside`: a folder in both, see `hasOtherMode`. */
      readonly kind: 'modified' | 'same' | 'inside';
      readonly name: Buffer;
      readonly upper: BigIntStats;
      readonly lower: BigIntStats;
    };

/** Of a file's mode, what is ever carried over: no setuid, no setgid, no sticky bit. */
export const permissions = ({ mode }: BigIntStats): number => Number(mode & 0o777n);

export const hasOtherMode = (child: Child): boolean =>
  child.kind === 'inside' && permissions(child.upper) !== permissions(child.lower);

/** How many bytes may still be read to find out what was touched only; then it counts as changed. */
export interface Budget {
  bytes: number;
}
const MOST_OF_FILE = 1024 * 1024;

/** The kernel's sign for what was deleted. Programs in an overlay cannot make one. */
export const isWhiteout = (stats: BigIntStats): boolean => stats.isCharacterDevice() && stats.rdev === 0n;

/** Read as it is asked for, name by name, so that a million of them need no memory. Null: one was looked at, and is nothing or not wanted. */
export function* childrenOf(
  { upper, lower, merged }: Level,
  budget: Budget,
  isWanted: (name: Buffer) => boolean = () => true,
): Generator<Child | null> {
  for (const name of upper.names()) {
    // First, as to compare files takes long.
    if (!isWanted(name)) {
      yield null;
      continue;
    }
    const above = upper.look(name);
    if (!above) continue; // gone meanwhile
    const below = lower?.look(name) ?? null;
    if (isWhiteout(above)) {
      if (below) yield { kind: 'deleted', name, lower: below };
    } else if (!lower || !below) yield { kind: 'added', name, upper: above };
    else if (above.isDirectory() && below.isDirectory()) yield { kind: 'inside', name, upper: above, lower: below };
    else {
      const same = isSame(upper, lower, name, above, below, budget);
      yield { kind: same ? 'same' : 'modified', name, upper: above, lower: below };
    }
  }
  if (!lower || !merged) return;
  for (const hidden of hiddenIn(lower, upper, merged)) yield hidden && isWanted(hidden.name) ? hidden : null;
}

/** What a folder of the layer hides without a sign of its own. */
export function* hiddenIn(lower: Folder, upper: Folder, merged: Folder): Generator<Child | null> {
  for (const name of lower.names()) {
    const below = upper.look(name) || merged.look(name) ? null : lower.look(name);
    yield below && { kind: 'deleted', name, lower: below };
  }
}

/** Opened by programs to be written, perhaps, but not changed. Times prove nothing: programs set them. */
function isSame(
  upper: Folder,
  lower: Folder,
  name: Buffer,
  above: BigIntStats,
  below: BigIntStats,
  budget: Budget,
): boolean {
  if (above.mode !== below.mode || above.size !== below.size) return false;
  if (above.isSymbolicLink()) return isSameLink(upper, lower, name);
  if (!above.isFile() || above.size > MOST_OF_FILE || above.size > budget.bytes) return false;
  budget.bytes -= Number(above.size);
  const [one, other] = [upper, lower].map((folder) => readSmall(folder, name, MOST_OF_FILE));
  return one != null && other != null && one.equals(other);
}

function isSameLink(upper: Folder, lower: Folder, name: Buffer): boolean {
  try {
    return linkAt(upper, name).equals(linkAt(lower, name));
  } catch {
    return false; // no link any more: it runs
  }
}

export const linkAt = (folder: Folder, name: Buffer): Buffer => readlinkSync(folder.at(name), { encoding: 'buffer' });

/** Null when it is no file, may not be read, or is larger than `most` bytes. Nothing that is no file is waited for. */
export function readSmall(folder: Folder, name: Buffer, most: number): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(folder.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null; // gone, a link, a socket, or not to be read
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > most) return null;
    const bytes = Buffer.alloc(stats.size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(descriptor);
  }
}

/** A level further down; null when the layer has no such folder. Where the workspace has none, all in it is new. */
export function enterLevel({ upper, lower, merged }: Level, name: Buffer): (Level & Disposable) | null {
  using opened = new DisposableStack();
  const open = (folder: Folder | null) => opened.use(folder?.enter(name) ?? null);
  const above = open(upper);
  if (!above) return null;
  const level = { upper: above, lower: open(lower), merged: open(merged) };
  const kept = opened.move();
  return { ...level, [Symbol.dispose]: () => kept.dispose() };
}
