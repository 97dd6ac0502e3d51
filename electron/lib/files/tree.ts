import { mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import type { FileEntry } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import { entryOf } from './entry.ts';
import { inFileErrors, notFound, readOnly } from './file-errors.ts';
import { toText } from './names.ts';
import { giveToOwnerOf } from './owner.ts';
import { createPace } from './pace.ts';
import { packTree } from './pack-tree.ts';
import { createPlaces, type Place, type TreeRoot } from './place.ts';
import { type ReadOptions, readFileAt } from './read-file.ts';
import { removeAt } from './remove-at.ts';
import { unpackTree } from './unpack-tree.ts';
import { writeFileAt } from './write-file.ts';

export type Bytes = AsyncIterable<Uint8Array>;

/** Given, named pipes, sockets and devices are left out of a tree, each told by its path in it; else an archive of them is refused. */
export type LeaveOut = (path: string) => void;

/** Files as one sandbox sees them. Paths are its own; every error is an AppError that names them. */
export interface Tree {
  /** What is there; of a link, the link itself. */
  readonly stat: (path: string) => Promise<FileEntry>;
  /** In batches, in no order. */
  readonly list: (path: string, signal: AbortSignal) => AsyncGenerator<readonly FileEntry[]>;
  readonly read: (path: string, options: ReadOptions) => Bytes;
  /** Replaces what is there at once when all of it has come; nothing is left of one that fails. */
  readonly write: (
    path: string,
    bytes: Bytes,
    options: { readonly mode?: number | undefined; readonly signal: AbortSignal },
  ) => Promise<void>;
  readonly makeFolder: (path: string) => Promise<void>;
  readonly remove: (
    path: string,
    options: { readonly recursive: boolean; readonly signal: AbortSignal },
  ) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** A tar archive; its entries begin with the last step of the path. Sockets are left out, as tar(1) does. */
  readonly readTree: (path: string, signal: AbortSignal, leaveOut?: LeaveOut) => Bytes;
  /** Unpacks a tar archive into a folder, which is made; through no link in it. What came before an error stays. */
  readonly writeTree: (path: string, tar: Bytes, signal: AbortSignal, leaveOut?: LeaveOut) => Promise<void>;
}

const BATCH = 500;

/** `from`: where paths begin that are not absolute. */
export function createTree(roots: readonly TreeRoot[], from: string): Tree {
  const { resolve } = createPlaces(roots, from);
  const changeable = (place: Place): Place => {
    if (place.isRoot)
      throw new AppError('denied', `${place.path} itself is the sandbox’s own.`, { hint: 'Change what is in it.' });
    if (place.root.readOnly) throw place.root.whyReadOnly ?? readOnly(place.path);
    return place;
  };

  return {
    stat: (path) =>
      inFileErrors(path, () => {
        using place = resolve(path, { follow: false });
        if (!place.stats) throw notFound(place.path);
        return entryOf(place.folder, place.name, place.stats, lastOf(place.path));
      }),

    async *list(path, signal) {
      const pace = createPace(signal);
      using place = await inFileErrors(path, () => resolve(path, { follow: true }));
      if (!place.stats) throw notFound(place.path);
      using folder = await inFileErrors(path, () => place.folder.enter(place.name));
      if (!folder) throw new AppError('conflict', `${place.path} is not a folder.`, { details: { path } });
      let batch: FileEntry[] = [];
      for (const names = folder.names(); ; ) {
        const next = await inFileErrors(path, () => names.next());
        if (next.done) break;
        await pace();
        const stats = folder.look(next.value);
        if (!stats) continue; // gone meanwhile
        batch.push(entryOf(folder, next.value, stats, toText(next.value)));
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },

    async *read(path, options) {
      const file = await inFileErrors(path, async () => {
        using place = resolve(path, { follow: true });
        return await readFileAt(place);
      });
      yield* file(options);
    },

    write: (path, bytes, { mode, signal }) =>
      inFileErrors(path, async () => {
        using place = changeable(resolve(path, { follow: true, make: true }));
        await writeFileAt(place, bytes, { mode, signal });
      }),

    makeFolder: (path) =>
      inFileErrors(path, () => {
        using place = resolve(path, { follow: true, make: true });
        if (place.stats?.isDirectory()) return;
        changeable(place);
        if (place.stats) throw new AppError('conflict', `There is something at ${place.path} already.`);
        mkdirSync(place.folder.at(place.name), { mode: 0o755 });
        giveToOwnerOf(place.folder, place.name);
      }),

    remove: (path, { recursive, signal }) =>
      inFileErrors(path, async () => {
        using place = changeable(resolve(path.replace(/\/+$/, '') || '/', { follow: false }));
        if (!place.stats) throw notFound(place.path);
        if (recursive) await removeAt(place.folder, place.name, createPace(signal));
        else if (place.stats.isDirectory()) rmdirSync(place.folder.at(place.name));
        else unlinkSync(place.folder.at(place.name));
      }),

    rename: (from, to) =>
      inFileErrors(from, () => {
        using source = changeable(resolve(from, { follow: false }));
        if (!source.stats) throw notFound(source.path);
        using target = changeable(resolve(to, { follow: false }));
        renameSync(source.folder.at(source.name), target.folder.at(target.name));
      }),

    async *readTree(path, signal, leaveOut) {
      using place = await inFileErrors(path, () => resolve(path, { follow: false }));
      if (!place.stats) throw notFound(place.path);
      // `folder/.` is what is in it, as cp(1) has it.
      const isContents = path === '.' || path.endsWith('/.');
      yield* packTree(place, isContents ? '' : lastOf(place.path), signal, leaveOut);
    },

    writeTree: (path, tar, signal, leaveOut) =>
      inFileErrors(path, async () => {
        const into = (steps: readonly string[], follow: boolean) =>
          resolve([path.replace(/\/+$/, ''), ...steps].join('/') || '/', {
            follow,
            make: true,
            foreign: steps.length,
          });
        await unpackTree({ into, changeable, leaveOut }, tar, signal);
      }),
  };
}

/** `/` has none. */
const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
