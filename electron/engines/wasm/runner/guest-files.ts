import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { guestError } from './guest-error.ts';
import { createGuestPaths, type Place, type Root, within, withinFolder } from './guest-paths.ts';

export type { Place, Root } from './guest-paths.ts';

const MAYBE_GONE = { bigint: true, throwIfNoEntry: false } as const;

export type FileType = 'file' | 'folder' | 'link' | 'other';

export interface FileInfo {
  readonly type: FileType;
  readonly size: bigint;
  readonly inode: bigint;
  readonly links: bigint;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

export interface Entry {
  readonly name: string;
  readonly type: FileType;
  readonly inode: bigint;
}

export interface OpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  readonly create?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  readonly append?: boolean;
}

/** A file of a guest. Positions are the caller's business. */
export interface OpenFile {
  readonly place: Place;
  /** Bytes read; 0 at the end. */
  readonly read: (into: Uint8Array, position: number) => number;
  /** Bytes written, at the end when it was opened to append. */
  readonly write: (bytes: Uint8Array, position: number) => number;
  readonly info: () => FileInfo;
  readonly truncate: (size: number) => void;
  readonly close: () => void;
}

export type GuestFiles = ReturnType<typeof createGuestFiles>;

/** So many files a guest may have open: fewer than this process itself may. */
const MOST_OPEN = 512;
const NOTHING: FileInfo = {
  type: 'folder',
  size: 0n,
  inode: 0n,
  links: 1n,
  accessedNs: 0n,
  modifiedNs: 0n,
  changedNs: 0n,
};

/**
 * What a guest may do with files, and nothing else: regular files and folders below the roots. No links are
 * made, so that what is inside stays what it was when it was looked at. Every call throws a `GuestError` or
 * the system's own.
 */
export function createGuestFiles(roots: readonly Root[]) {
  const { resolve, rootNames } = createGuestPaths(roots);
  let open = 0;

  const existing = (place: Place): BigIntStats => {
    if (!place.stat) throw guestError(place.root ? 'ENOENT' : 'EISDIR', place.path);
    return place.stat;
  };
  /** For what changes the folder that the place is in. */
  const changeable = (place: Place): Place => {
    if (!place.root || place.path === place.root.path) throw guestError(place.root ? 'EBUSY' : 'EROFS', place.path);
    if (place.root.readOnly) throw guestError('EROFS', place.path);
    return place;
  };

  return {
    resolve,

    info(place: Place): FileInfo {
      return place.root ? toInfo(existing(place)) : NOTHING;
    },

    /** `inodes`: looked up for each, where somebody asks for them; else 0. */
    list(place: Place, { inodes = false } = {}): readonly Entry[] {
      const names = rootNames(place.path).map((name): Entry => ({ name, type: 'folder', inode: 0n }));
      if (!place.root) return names;
      if (!existing(place).isDirectory()) throw guestError('ENOTDIR', place.path);
      const found = withinFolder(place, (path) =>
        readdirSync(path, { withFileTypes: true }).map(
          (entry): Entry => ({
            name: entry.name,
            type: typeOf(entry),
            // Deleted meanwhile: 0, as for what is not known.
            inode: inodes ? (lstatSync(`${path}/${entry.name}`, MAYBE_GONE)?.ino ?? 0n) : 0n,
          }),
        ),
      );
      const hidden = new Set(names.map(({ name }) => name));
      return [...names, ...found.filter(({ name }) => !hidden.has(name))];
    },

    open(place: Place, { read, write, create, exclusive, truncate, append }: OpenOptions): OpenFile {
      const { root, stat } = place;
      if (!root) throw guestError('EISDIR', place.path);
      if (!stat && !create) throw guestError('ENOENT', place.path);
      if (stat && create && exclusive) throw guestError('EEXIST', place.path);
      if (stat?.isDirectory()) throw guestError('EISDIR', place.path);
      // A FIFO would block, a device is not a file of the guest's.
      if (stat && !stat.isFile()) throw guestError(stat.isSymbolicLink() ? 'ELOOP' : 'EACCES', place.path);
      if (root.readOnly && (write || truncate || !stat)) throw guestError('EROFS', place.path);
      if (open >= MOST_OPEN) throw guestError('EMFILE');
      const mode = write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
      const flags =
        mode |
        constants.O_NOFOLLOW |
        constants.O_NONBLOCK |
        (stat ? 0 : constants.O_CREAT | constants.O_EXCL) |
        (append ? constants.O_APPEND : 0);
      const fd = within(place, (path) => openSync(path, flags, 0o666));
      open += 1;
      try {
        if (!fstatSync(fd).isFile()) throw guestError('EACCES', place.path);
        if (truncate) ftruncateSync(fd, 0);
      } catch (error) {
        closeSync(fd);
        open -= 1;
        throw error;
      }
      return {
        place,
        read(into, position) {
          if (!read) throw guestError('EBADF');
          return readSync(fd, into, 0, into.length, position);
        },
        write(bytes, position) {
          if (!write) throw guestError('EBADF');
          return writeSync(fd, bytes, 0, bytes.length, append ? null : position);
        },
        info: () => toInfo(fstatSync(fd, { bigint: true })),
        truncate(size) {
          if (!write) throw guestError('EBADF');
          ftruncateSync(fd, size);
        },
        close() {
          open -= 1;
          closeSync(fd);
        },
      };
    },

    makeFolder(place: Place): void {
      if (place.stat || !place.root) throw guestError('EEXIST', place.path);
      within(changeable(place), (path) => mkdirSync(path, 0o777));
    },

    removeFolder(place: Place): void {
      if (!existing(changeable(place)).isDirectory()) throw guestError('ENOTDIR', place.path);
      if (rootNames(place.path).length > 0) throw guestError('EBUSY', place.path);
      within(place, (path) => rmdirSync(path));
    },

    remove(place: Place): void {
      if (existing(changeable(place)).isDirectory()) throw guestError('EISDIR', place.path);
      within(place, (path) => unlinkSync(path));
    },

    move(from: Place, to: Place): void {
      existing(changeable(from));
      changeable(to);
      if (from.root !== to.root) throw guestError('EXDEV', to.path);
      within(from, (source) => within(to, (target) => renameSync(source, target)));
    },

    setTimes(place: Place, accessedMs: number, modifiedMs: number): void {
      existing(place);
      if (place.root?.readOnly) throw guestError('EROFS', place.path);
      within(place, (path) => lutimesSync(path, accessedMs / 1000, modifiedMs / 1000));
    },

    readLink(place: Place): string {
      if (!existing(place).isSymbolicLink()) throw guestError('EINVAL', place.path);
      return within(place, (path) => readlinkSync(path));
    },
  };
}

function toInfo(stat: BigIntStats): FileInfo {
  return {
    type: typeOf(stat),
    size: stat.size,
    inode: stat.ino,
    links: stat.nlink,
    accessedNs: stat.atimeNs,
    modifiedNs: stat.mtimeNs,
    changedNs: stat.ctimeNs,
  };
}

function typeOf(found: {
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}): FileType {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  return found.isSymbolicLink() ? 'link' : 'other';
}
