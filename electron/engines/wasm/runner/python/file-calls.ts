import type { GuestFiles, OpenFile } from '../guest-files.ts';
import { errnoNumber } from '../wasi-abi.ts';
import type { RealmHost } from './realm-inside.ts';

/** open(2) as Emscripten numbers it. */
const ACCESS = 3;
const APPEND = 1024;
const NS_PER_MS = 1_000_000;

/** The files of a guest, for Emscripten: whatever fails is a number of WASI's, as Emscripten's are. */
export function createFileCalls(files: GuestFiles): Pick<RealmHost, 'files' | 'fileRead' | 'fileWrite'> {
  const handles = new Map<number, OpenFile>();
  let last = 0;
  const at = (path: string) => files.resolve('/', path, { follow: false });
  const handle = (fd: number) => {
    const found = handles.get(fd);
    if (!found) throw Object.assign(new Error(), { errno: 'EBADF' });
    return found;
  };
  const use = (path: string, options: Parameters<GuestFiles['open']>[1], work: (file: OpenFile) => void) => {
    const file = files.open(at(path), options);
    try {
      work(file);
    } finally {
      file.close();
    }
  };

  const calls: Readonly<Record<string, (...args: never[]) => unknown>> = {
    stat(path: string) {
      const info = files.info(at(path));
      return {
        type: info.type,
        size: Number(info.size),
        inode: Number(info.inode),
        links: Number(info.links),
        accessedMs: Number(info.accessedNs) / NS_PER_MS,
        modifiedMs: Number(info.modifiedNs) / NS_PER_MS,
        changedMs: Number(info.changedNs) / NS_PER_MS,
      };
    },
    list: (path: string) => files.list(at(path)).map(({ name }) => name),
    makeFolder: (path: string) => files.makeFolder(at(path)),
    makeFile: (path: string) => use(path, { read: false, write: true, create: true, exclusive: true }, () => undefined),
    truncate: (path: string, size: number) => use(path, { read: false, write: true }, (file) => file.truncate(size)),
    setTimes: (path: string, accessed: number, modified: number) => files.setTimes(at(path), accessed, modified),
    move: (from: string, to: string) => files.move(at(from), at(to)),
    remove: (path: string) => files.remove(at(path)),
    removeFolder: (path: string) => files.removeFolder(at(path)),
    readLink: (path: string) => files.readLink(at(path)),
    open(path: string, flags: number) {
      const access = flags & ACCESS;
      const append = (flags & APPEND) !== 0;
      last += 1;
      handles.set(last, files.open(at(path), { read: access !== 1, write: access !== 0, append }));
      return last;
    },
    close(fd: number) {
      handle(fd).close();
      handles.delete(fd);
    },
  };
  const safely = (work: () => number) => {
    try {
      return work();
    } catch (error) {
      return -errnoNumber(error);
    }
  };
  return {
    files(call) {
      try {
        const [name, ...args] = JSON.parse(call) as [string, ...never[]];
        return JSON.stringify(calls[name]?.(...args)) ?? '';
      } catch (error) {
        return `!${errnoNumber(error)}`;
      }
    },
    fileRead: (fd, into, position) => safely(() => handle(fd).read(into, position)),
    fileWrite: (fd, bytes, position) => safely(() => handle(fd).write(bytes, position)),
  };
}
