import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { FileEntry } from '../../../../shared/contract/files.ts';
import { AppError } from '../../../../shared/model/error.ts';
import { draftName } from '../../../lib/files/draft-name.ts';
import { notAFile } from '../../../lib/files/entry.ts';
import { notFound } from '../../../lib/files/file-errors.ts';
import { TAR_END, type TarHeader, tarHeader, tarPadding } from '../../../lib/files/tar-header.ts';
import type { Tree } from '../../../lib/files/tree.ts';
import type { Bytes } from '../../engine.ts';
import {
  type ArchiveSource,
  archiveOf,
  entriesOf,
  followAt,
  putArchive,
  readArchive,
  readFileAt,
  statAt,
} from './archive.ts';
import { lacksProgram, listInside, type RunInside, removeInside, renameInside } from './commands.ts';
import { spool } from './spool.ts';

export interface ArchiveTreeOptions extends ArchiveSource {
  /** Null: it does not run, so no command does. */
  readonly run: RunInside | null;
  /** Who new files belong to. */
  readonly user: () => Promise<Owner>;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Entries that are looked through for the names of one folder, where no command can tell them. */
const MOST_ENTRIES = 100_000;

/** Files of a container through the engine. Paths are absolute. */
export function createArchiveTree(options: ArchiveTreeOptions): Tree {
  const { run } = options;
  const needRun = (what: string): RunInside => {
    if (run) return run;
    throw new AppError('conflict', `The sandbox does not run: ${what}.`, { hint: 'Start it first.' });
  };
  const never = new AbortController().signal;

  /** The folder that is there, after links, and those below it that are missing. Looked at step by step, as any may be a link. */
  const deepest = async (path: string): Promise<{ readonly there: string; readonly missing: readonly string[] }> => {
    let there = '/';
    const steps = path.split('/').filter((step) => step !== '' && step !== '.');
    for (const [index, step] of steps.entries()) {
      const { path: real, found } = await followAt(options, posix.join(there, step));
      if (!found) return { there, missing: steps.slice(index) };
      if (found.entry.type !== 'directory') throw new AppError('conflict', `${real} is not a folder.`);
      there = real;
    }
    return { there, missing: [] };
  };
  const folders = (missing: readonly string[], user: Owner): readonly TarHeader[] =>
    missing.map((_, index) => ({
      ...user,
      name: missing.slice(0, index + 1).join('/'),
      type: 'directory',
      mode: 0o755,
    }));
  /** `path`: what it is about. */
  const put = (folder: string, parts: () => Bytes, signal: AbortSignal, path: string) =>
    putArchive(options, { folder, path }, Readable.from(parts(), { objectMode: false }), signal);

  return {
    async stat(path) {
      const isFolder = path.endsWith('/.');
      const place = isFolder ? path.slice(0, -2) || '/' : path;
      const found = isFolder ? (await followAt(options, place)).found : await statAt(options, place);
      if (!found) throw notFound(place);
      if (isFolder && found.entry.type !== 'directory') throw new AppError('conflict', `${place} is not a folder.`);
      return found.entry;
    },

    async *list(asked, signal) {
      const { path, found } = await followAt(options, asked);
      if (!found) throw notFound(asked);
      if (found.entry.type !== 'directory') throw new AppError('conflict', `${asked} is not a folder.`);
      if (run) {
        try {
          yield* listInside(run, path, signal);
          return;
        } catch (error) {
          // Before it has listed anything: the image lacks a shell, find or stat.
          if (!lacksProgram(error)) throw error;
        }
      }
      yield* listArchive(options, path, signal);
    },

    read: (path, readOptions) => readFileAt(options, path, readOptions),

    async write(asked, bytes, { mode, signal }) {
      const { path, found } = await followAt(options, asked);
      const type = found?.entry.type ?? 'file';
      if (type !== 'file') throw notAFile(asked, type);
      const { there, missing } = await deepest(posix.dirname(path));
      const user = await options.user();
      await using file = await spool(bytes, { path: asked });
      signal.throwIfAborted();
      const name = posix.basename(path);
      const draft = run && found ? draftName().toString() : name;
      const parts = async function* () {
        for (const header of folders(missing, user)) yield tarHeader(header);
        const permissions = mode ?? (found ? found.entry.mode & 0o777 : 0o644);
        yield tarHeader({
          ...user,
          name: [...missing, draft].join('/'),
          type: 'file',
          mode: permissions,
          size: file.size,
        });
        yield* file.read();
        yield tarPadding(file.size);
        yield TAR_END;
      };
      if (draft === name || !run) return await put(there, parts, signal, asked);
      const place = posix.join(there, draft);
      try {
        await put(there, parts, signal, asked);
        await renameInside(run, place, path, signal);
      } catch (error) {
        // What it failed with is what is told, also where nothing can be run any more.
        await removeInside(run, place, false, true, never).catch(() => undefined);
        throw error;
      }
    },

    async makeFolder(path) {
      const { there, missing } = await deepest(path);
      if (missing.length === 0) return;
      const user = await options.user();
      const parts = async function* () {
        for (const header of folders(missing, user)) yield tarHeader(header);
        yield TAR_END;
      };
      await put(there, parts, never, path);
    },

    async remove(path, { recursive, signal }) {
      const found = await statAt(options, path);
      if (!found) throw notFound(path);
      await removeInside(needRun('nothing can be removed'), path, found.entry.type === 'directory', recursive, signal);
    },

    async rename(from, to) {
      const command = needRun('nothing can be renamed');
      if (!(await statAt(options, from))) throw notFound(from);
      const target = await statAt(options, to);
      // mv(1) would put it into a folder.
      if (target && (await followAt(options, to)).found?.entry.type === 'directory') {
        throw new AppError('conflict', `There is a folder ${to} already.`, { hint: 'Remove it first.' });
      }
      await renameInside(command, from, to, never);
    },

    async *readTree(path, signal) {
      if (!(await statAt(options, path))) throw notFound(path);
      yield* readArchive(options, path, signal);
    },

    async writeTree(path, tar, signal) {
      const { there, missing } = await deepest(path);
      const user = await options.user();
      const prefix = missing.map((step) => `${step}/`).join('');
      const parts = async function* () {
        for (const header of folders(missing, user)) yield tarHeader(header);
        for await (const { header, bytes } of entriesOf(tar)) {
          signal.throwIfAborted();
          const { name, type, size, mode, mtime, linkname } = header;
          if (!COPIED.has(type)) {
            throw new AppError('unsupported', `${name} is a ${type}, which is not copied.`, { hint: 'Leave it out.' });
          }
          const steps = stepsOf(name);
          if (steps === '') continue;
          const own =
            type === 'link' ? { linkname: `${prefix}${stepsOf(linkname)}` } : type === 'symlink' ? { linkname } : {};
          // Owners are of another machine, and setuid is nobody's to bring.
          yield tarHeader({ ...user, ...own, name: `${prefix}${steps}`, type, size, mode: mode & 0o777, mtime });
          yield* bytes;
          yield tarPadding(size);
        }
        yield TAR_END;
      };
      // Nobody else gets at a container while an engine reads what is put into it.
      await using tree = await spool(parts(), { path });
      await put(there, tree.read, signal, path);
    },
  };
}

const COPIED: ReadonlySet<string> = new Set(['file', 'contiguous-file', 'directory', 'symlink', 'link']);

function stepsOf(name: string): string {
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  if (!steps.includes('..')) return steps.join('/');
  throw new AppError('denied', `The archive’s entry ${name} leads out of it.`, { details: { path: name } });
}

/** Where no command can tell, the whole archive is read for its names. */
async function* listArchive(
  source: ArchiveSource,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly FileEntry[]> {
  const found: FileEntry[] = [];
  let seen = 0;
  for await (const { header } of entriesOf(archiveOf(source, `${path}/.`, signal))) {
    seen += 1;
    if (seen > MOST_ENTRIES) {
      throw new AppError(
        'limit_exceeded',
        `There is too much in ${path} to be listed while the sandbox does not run.`,
        {
          hint: 'Start it first.',
        },
      );
    }
    const [name = '', ...deeper] = header.name.split('/').filter((step) => step !== '' && step !== '.');
    if (name === '' || deeper.length > 0) continue;
    found.push({
      name,
      type: entryTypes[header.type] ?? 'device',
      size: header.type === 'file' ? header.size : 0,
      mode: header.mode & 0o7777,
      modifiedAt: header.mtime.getTime(),
      target: header.type === 'symlink' ? header.linkname : null,
    });
  }
  for (let at = 0; at < found.length; at += BATCH) yield found.slice(at, at + BATCH);
}
const BATCH = 500;

const entryTypes: Readonly<Record<string, FileEntry['type']>> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'file',
  directory: 'directory',
  symlink: 'symlink',
  fifo: 'fifo',
};
