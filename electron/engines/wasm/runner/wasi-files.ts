import { guestError } from './guest-error.ts';
import type { FileInfo, GuestFiles, Place } from './guest-files.ts';
import type { Streams } from './standard-streams.ts';
import {
  ALL_RIGHTS,
  CHARACTER_DEVICE,
  encode,
  FOLLOW,
  fdFlags,
  fileTypeNumber,
  type MemoryView,
  openFlags,
  rights,
  timeFlags,
  UNKNOWN_TYPE,
} from './wasi-abi.ts';
import type { Descriptors } from './wasi-descriptors.ts';

const NS_PER_MS = 1_000_000n;

/** The calls about files. Each throws what goes wrong, or gives nothing or another errno. */
export function createFileCalls(files: GuestFiles, fds: Descriptors, memory: MemoryView, streams: Streams) {
  /** A path of the guest's, which may not lead out of the folder that it begins in. */
  const at = (fd: number, follow: boolean, pointer: number, length: number): Place => {
    const floor = fds.folder(fd).place.path;
    const path = memory.text(pointer, length);
    if (path.startsWith('/')) throw guestError('ENOTCAPABLE');
    return files.resolve(floor, path, { follow, floor });
  };

  const writeInfo = (pointer: number, info: FileInfo, filetype = fileTypeNumber(info.type)) => {
    const view = memory.view();
    view.setBigUint64(pointer, 1n, true);
    view.setBigUint64(pointer + 8, info.inode, true);
    view.setUint8(pointer + 16, filetype);
    view.setBigUint64(pointer + 24, info.links, true);
    view.setBigUint64(pointer + 32, info.size, true);
    view.setBigUint64(pointer + 40, info.accessedNs, true);
    view.setBigUint64(pointer + 48, info.modifiedNs, true);
    view.setBigUint64(pointer + 56, info.changedNs, true);
  };
  const infoOf = (fd: number): FileInfo => {
    const found = fds.get(fd);
    if (found.kind === 'file') return found.file.info();
    if (found.kind === 'folder') return files.info(files.resolve('/', found.place.path, { follow: false }));
    return { type: 'other', size: 0n, inode: BigInt(fd), links: 1n, accessedNs: 0n, modifiedNs: 0n, changedNs: 0n };
  };
  const setTimes = (place: Place, accessed: bigint, modified: bigint, flags: number) => {
    const before = files.info(place);
    const now = BigInt(Date.now()) * NS_PER_MS;
    const pick = (given: bigint, set: number, setNow: number, old: bigint) =>
      flags & setNow ? now : flags & set ? given : old;
    const { accessed: a, accessedNow: an, modified: m, modifiedNow: mn } = timeFlags;
    files.setTimes(
      place,
      Number(pick(accessed, a, an, before.accessedNs) / 1000n) / 1000,
      Number(pick(modified, m, mn, before.modifiedNs) / 1000n) / 1000,
    );
  };

  const read = (fd: number, vectors: number, count: number, position: bigint | null): number => {
    const found = fds.get(fd);
    if (found.kind === 'folder') throw guestError('EISDIR');
    let total = 0;
    for (const buffer of memory.vectors(vectors, count)) {
      if (buffer.length === 0) continue;
      let got: number;
      if (found.kind === 'stream') {
        if (found.fd !== 0) throw guestError('EBADF');
        if (position !== null) throw guestError('ESPIPE');
        got = streams.read(buffer);
      } else {
        got = found.file.read(buffer, Number(position === null ? found.position : position + BigInt(total)));
        if (position === null) found.position += BigInt(got);
      }
      total += got;
      if (got < buffer.length) break;
    }
    return total;
  };
  const write = (fd: number, vectors: number, count: number, position: bigint | null): number => {
    const found = fds.get(fd);
    if (found.kind === 'folder') throw guestError('EISDIR');
    let total = 0;
    for (const buffer of memory.vectors(vectors, count)) {
      if (buffer.length === 0) continue;
      if (found.kind === 'stream') {
        if (found.fd === 0) throw guestError('EBADF');
        if (position !== null) throw guestError('ESPIPE');
        streams.write(found.fd, buffer);
        total += buffer.length;
        continue;
      }
      const put = found.file.write(buffer, Number(position === null ? found.position : position + BigInt(total)));
      if (position === null) found.position = found.append ? found.file.info().size : found.position + BigInt(put);
      total += put;
      if (put < buffer.length) break;
    }
    return total;
  };

  return {
    fd_close: (fd: number) => fds.close(fd),
    fd_renumber: (from: number, to: number) => fds.renumber(from, to),
    fd_advise: (fd: number) => void fds.file(fd),
    fd_sync: (fd: number) => void fds.get(fd),
    fd_datasync: (fd: number) => void fds.get(fd),
    fd_allocate() {
      throw guestError('ENOTSUP');
    },
    fd_fdstat_get(fd: number, pointer: number) {
      const found = fds.get(fd);
      const view = memory.view();
      const streamType = found.kind === 'stream' && found.terminal ? CHARACTER_DEVICE : UNKNOWN_TYPE;
      const type = found.kind === 'stream' ? streamType : fileTypeNumber(found.kind);
      // A terminal is known by it that it cannot seek.
      const base = found.kind === 'stream' ? ALL_RIGHTS & ~(rights.fdSeek | rights.fdTell) : ALL_RIGHTS;
      view.setUint8(pointer, type);
      view.setUint16(pointer + 2, found.kind === 'file' && found.append ? fdFlags.append : 0, true);
      view.setBigUint64(pointer + 8, base, true);
      view.setBigUint64(pointer + 16, ALL_RIGHTS, true);
    },
    fd_fdstat_set_flags: (fd: number) => void fds.get(fd),
    fd_fdstat_set_rights: (fd: number) => void fds.get(fd),
    fd_filestat_get: (fd: number, pointer: number) => writeInfo(pointer, infoOf(fd)),
    fd_filestat_set_size: (fd: number, size: bigint) => fds.file(fd).file.truncate(Number(size)),
    fd_filestat_set_times(fd: number, accessed: bigint, modified: bigint, flags: number) {
      const found = fds.get(fd);
      if (found.kind === 'stream') throw guestError('EINVAL');
      const { path } = found.kind === 'file' ? found.file.place : found.place;
      setTimes(files.resolve('/', path, { follow: false }), accessed, modified, flags);
    },
    fd_prestat_get(fd: number, pointer: number) {
      const found = fds.get(fd);
      if (found.kind !== 'folder' || found.preopen === null) throw guestError('EBADF');
      memory.setU32(pointer, 0);
      memory.setU32(pointer + 4, encode(found.preopen).length);
    },
    fd_prestat_dir_name(fd: number, pointer: number, length: number) {
      const found = fds.get(fd);
      if (found.kind !== 'folder' || found.preopen === null) throw guestError('EBADF');
      const name = encode(found.preopen);
      if (name.length > length) throw guestError('ENAMETOOLONG');
      memory.bytes(pointer, name.length).set(name);
    },
    fd_read: (fd: number, vectors: number, count: number, out: number) =>
      memory.setU32(out, read(fd, vectors, count, null)),
    fd_pread: (fd: number, vectors: number, count: number, position: bigint, out: number) =>
      memory.setU32(out, read(fd, vectors, count, position)),
    fd_write: (fd: number, vectors: number, count: number, out: number) =>
      memory.setU32(out, write(fd, vectors, count, null)),
    fd_pwrite: (fd: number, vectors: number, count: number, position: bigint, out: number) =>
      memory.setU32(out, write(fd, vectors, count, position)),
    fd_seek(fd: number, offset: bigint, whence: number, out: number) {
      const found = fds.file(fd);
      const base = [0n, found.position, whence === 2 ? found.file.info().size : 0n][whence];
      if (base === undefined || base + offset < 0n) throw guestError('EINVAL');
      found.position = base + offset;
      memory.setU64(out, found.position);
    },
    fd_tell: (fd: number, out: number) => memory.setU64(out, fds.file(fd).position),
    fd_readdir(fd: number, buffer: number, length: number, cookie: bigint, out: number) {
      const folder = fds.folder(fd);
      // From the beginning: looked at again, as rewinddir(3) promises.
      if (cookie === 0n || folder.entries === null) {
        const place = files.resolve('/', folder.place.path, { follow: false });
        const self = { type: 'folder', inode: 0n } as const;
        folder.entries = [{ name: '.', ...self }, { name: '..', ...self }, ...files.list(place, { inodes: true })];
      }
      const target = memory.bytes(buffer, length);
      let used = 0;
      for (let index = Number(cookie); index < folder.entries.length && used < length; index += 1) {
        const entry = folder.entries[index];
        if (!entry) break;
        const name = encode(entry.name);
        const record = new Uint8Array(24 + name.length);
        const view = new DataView(record.buffer);
        view.setBigUint64(0, BigInt(index + 1), true);
        view.setBigUint64(8, entry.inode, true);
        view.setUint32(16, name.length, true);
        view.setUint8(20, fileTypeNumber(entry.type));
        record.set(name, 24);
        // One that does not fit is cut off: then the guest asks again with more room.
        const part = record.subarray(0, length - used);
        target.set(part, used);
        used += part.length;
      }
      memory.setU32(out, used);
    },

    path_create_directory: (fd: number, pointer: number, length: number) =>
      files.makeFolder(at(fd, false, pointer, length)),
    path_filestat_get: (fd: number, flags: number, pointer: number, length: number, out: number) =>
      writeInfo(out, files.info(at(fd, (flags & FOLLOW) !== 0, pointer, length))),
    path_filestat_set_times(
      fd: number,
      lookup: number,
      pointer: number,
      length: number,
      accessed: bigint,
      modified: bigint,
      flags: number,
    ) {
      setTimes(at(fd, (lookup & FOLLOW) !== 0, pointer, length), accessed, modified, flags);
    },
    path_link() {
      throw guestError('EPERM');
    },
    path_symlink() {
      throw guestError('EPERM');
    },
    path_open(
      fd: number,
      lookup: number,
      pointer: number,
      length: number,
      flags: number,
      base: bigint,
      _inheriting: bigint,
      descriptorFlags: number,
      out: number,
    ) {
      const create = (flags & openFlags.create) !== 0;
      const exclusive = (flags & openFlags.exclusive) !== 0;
      const place = at(fd, (lookup & FOLLOW) !== 0 && !(create && exclusive), pointer, length);
      if (!place.root || place.stat?.isDirectory()) {
        if (create && exclusive) throw guestError('EEXIST');
        if (create || (flags & openFlags.truncate) !== 0) throw guestError('EISDIR');
        if (base & rights.fdWrite && !(base & rights.fdRead)) throw guestError('EISDIR');
        memory.setU32(out, fds.add({ kind: 'folder', place, preopen: null, entries: null }));
        return;
      }
      if ((flags & openFlags.folder) !== 0) throw guestError(place.stat ? 'ENOTDIR' : 'ENOENT');
      const append = (descriptorFlags & fdFlags.append) !== 0;
      const write = (base & rights.fdWrite) !== 0n || append;
      const truncate = (flags & openFlags.truncate) !== 0;
      const read = (base & rights.fdRead) !== 0n || !write;
      const file = files.open(place, { read, write: write || truncate, create, exclusive, truncate, append });
      memory.setU32(out, fds.add({ kind: 'file', file, position: 0n, append }));
    },
    path_readlink(fd: number, pointer: number, length: number, buffer: number, size: number, out: number) {
      const target = encode(files.readLink(at(fd, false, pointer, length))).subarray(0, size);
      memory.bytes(buffer, target.length).set(target);
      memory.setU32(out, target.length);
    },
    path_remove_directory: (fd: number, pointer: number, length: number) =>
      files.removeFolder(at(fd, false, pointer, length)),
    path_rename(fd: number, pointer: number, length: number, toFd: number, toPointer: number, toLength: number) {
      files.move(at(fd, false, pointer, length), at(toFd, false, toPointer, toLength));
    },
    path_unlink_file: (fd: number, pointer: number, length: number) => files.remove(at(fd, false, pointer, length)),
  };
}
