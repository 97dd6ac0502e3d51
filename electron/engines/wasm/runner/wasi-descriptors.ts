import { guestError } from './guest-error.ts';
import type { Entry, GuestFiles, OpenFile, Place } from './guest-files.ts';
import type { Streams } from './standard-streams.ts';

/** What a number of the guest's stands for. */
export type Descriptor =
  | { readonly kind: 'stream'; readonly fd: 0 | 1 | 2; readonly terminal: boolean }
  | {
      readonly kind: 'folder';
      readonly place: Place;
      /** What the guest calls it; null: it was not given to it but opened by it. */
      readonly preopen: string | null;
      entries: readonly Entry[] | null;
    }
  | { readonly kind: 'file'; readonly file: OpenFile; position: bigint; readonly append: boolean };

export type Folder = Extract<Descriptor, { kind: 'folder' }>;
export type FileDescriptor = Extract<Descriptor, { kind: 'file' }>;

const FIRST_OWN = 3;
const MOST = 1024;

/** The guest's open files: the standard streams, the folders it was given, what it has opened. */
export function createDescriptors(
  files: GuestFiles,
  preopens: readonly { readonly name: string; readonly path: string }[],
  { isTerminal }: Streams,
) {
  const table = new Map<number, Descriptor>();
  for (const fd of [0, 1, 2] as const) table.set(fd, { kind: 'stream', fd, terminal: isTerminal(fd) });
  for (const [index, { name, path }] of preopens.entries()) {
    const place = files.resolve('/', path, { follow: true });
    table.set(FIRST_OWN + index, { kind: 'folder', place, preopen: name, entries: null });
  }

  const get = (fd: number): Descriptor => {
    const found = table.get(fd);
    if (!found) throw guestError('EBADF');
    return found;
  };
  return {
    get,
    folder(fd: number): Folder {
      const found = get(fd);
      if (found.kind !== 'folder') throw guestError('ENOTDIR');
      return found;
    },
    file(fd: number): FileDescriptor {
      const found = get(fd);
      if (found.kind === 'folder') throw guestError('EISDIR');
      if (found.kind === 'stream') throw guestError('ESPIPE');
      return found;
    },
    add(descriptor: Descriptor): number {
      let fd = FIRST_OWN;
      while (table.has(fd)) fd += 1;
      if (fd > MOST) throw guestError('EMFILE');
      table.set(fd, descriptor);
      return fd;
    },
    close(fd: number): void {
      const found = get(fd);
      if (found.kind === 'file') found.file.close();
      table.delete(fd);
    },
    renumber(from: number, to: number): void {
      const found = get(from);
      const replaced = get(to);
      if (from === to) return;
      if (replaced.kind === 'file') replaced.file.close();
      table.set(to, found);
      table.delete(from);
    },
  };
}
export type Descriptors = ReturnType<typeof createDescriptors>;
