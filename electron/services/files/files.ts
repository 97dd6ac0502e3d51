import { isUtf8 } from 'node:buffer';
import { type FileEntry, LIST_MAX, type WatchItem, WHOLE_FILE_MAX } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Bytes, EngineRef, FileStore } from '../../engines/engine.ts';
import type { Activity } from '../activity.ts';
import type { Engines } from '../engines/engines.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { withinLimits } from './limits.ts';
import { watchFolder } from './watch.ts';
import { createWrites, type Writes } from './writes.ts';

export interface FileTarget {
  readonly sandboxId: string;
  readonly path: string;
}
/** Of one sandbox at once. */
const WATCHES_MAX = 16;

/** Of what changes files: see `Sandboxes.target`. */
export interface FileChange extends FileTarget {
  readonly confirmForeign: boolean;
}
type Encoding = 'utf8' | 'base64';

/** Files of sandboxes; see the contract. */
export interface Files extends Pick<Writes, 'append' | 'finish' | 'cancel'> {
  readonly stat: (what: FileTarget) => Promise<FileEntry>;
  readonly list: (
    what: FileTarget,
    signal: AbortSignal,
  ) => Promise<{ readonly entries: readonly FileEntry[]; readonly truncated: boolean }>;
  readonly listAll: (
    what: FileTarget,
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly entries: readonly FileEntry[] }>;
  readonly watch: (what: FileTarget & { readonly recursive: boolean }, signal: AbortSignal) => AsyncIterable<WatchItem>;
  readonly read: (
    what: FileTarget & { readonly offset: number },
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly base64: string }>;
  readonly readTree: (what: FileTarget, signal: AbortSignal) => AsyncIterable<{ readonly base64: string }>;
  readonly readWhole: (
    what: FileTarget & { readonly encoding: Encoding },
    signal: AbortSignal,
  ) => Promise<{ readonly content: string; readonly encoding: Encoding; readonly size: number }>;
  readonly writeWhole: (
    what: FileChange & { readonly content: string; readonly encoding: Encoding; readonly mode?: number | undefined },
    signal: AbortSignal,
  ) => Promise<number>;
  readonly beginWrite: (what: FileChange & { readonly mode?: number | undefined }) => Promise<string>;
  readonly beginWriteTree: (what: FileChange) => Promise<string>;
  readonly makeFolder: (what: FileChange) => Promise<void>;
  readonly remove: (what: FileChange & { readonly recursive: boolean }, signal: AbortSignal) => Promise<void>;
  readonly rename: (what: {
    readonly sandboxId: string;
    readonly from: string;
    readonly to: string;
    readonly confirmForeign: boolean;
  }) => Promise<void>;
  readonly closeAll: () => Promise<void>;
}

export function createFiles(dependencies: {
  /** The state folder. */
  readonly home: string;
  readonly registry: Registry;
  readonly engines: Engines;
  readonly sandboxes: Sandboxes;
  readonly activity: Activity;
}): Files {
  const { home, registry, engines, sandboxes, activity } = dependencies;
  const writes = createWrites();
  /** How many there are, by sandbox. */
  const watches = new Map<string, number>();
  const disposed = new AbortController();

  interface Found {
    readonly store: FileStore;
    readonly ref: EngineRef;
    readonly sandbox: Sandbox;
  }
  /** With `confirmForeign`, for what changes something. */
  async function find(sandboxId: string, change?: { readonly confirmForeign: boolean }): Promise<Found> {
    await engines.ready(registry.get(sandboxId).sandbox.engine);
    const { engine, ref, sandbox } = sandboxes.target(sandboxId, undefined, change);
    if (!engine.files) {
      throw new AppError('unsupported', `Files of ${sandbox.engine} sandboxes cannot be reached from outside.`, {
        hint: 'Run a command in it instead.',
      });
    }
    return { store: engine.files, ref, sandbox };
  }

  /** It is use: the idle limit must not end the sandbox meanwhile. */
  async function use(...[sandboxId, change]: Parameters<typeof find>): Promise<Found> {
    const found = await find(sandboxId, change);
    activity.touch(sandboxId);
    return found;
  }

  async function* watch({ sandboxId, path, recursive }: Parameters<Files['watch']>[0], aborted: AbortSignal) {
    await use(sandboxId);
    const count = watches.get(sandboxId) ?? 0;
    if (count >= WATCHES_MAX) {
      throw new AppError('limit_exceeded', `${WATCHES_MAX} folders of this sandbox are being watched already.`, {
        hint: 'End one of them, or watch a folder that they lie in.',
      });
    }
    watches.set(sandboxId, count + 1);
    const signal = AbortSignal.any([aborted, disposed.signal]);
    async function* list(folder: string) {
      const { store, ref } = await find(sandboxId);
      yield* store.list(ref, folder, signal);
    }
    try {
      yield* watchFolder({ list, path, recursive, signal });
    } finally {
      const left = (watches.get(sandboxId) ?? 1) - 1;
      if (left > 0) watches.set(sandboxId, left);
      else watches.delete(sandboxId);
    }
  }

  async function* pieces(sandboxId: string, open: (found: Found) => Bytes) {
    for await (const piece of open(await use(sandboxId))) {
      activity.touch(sandboxId);
      yield { base64: Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64') };
    }
  }

  async function* limited(
    found: Found,
    bytes: Bytes,
    what: { readonly path: string; readonly isFile: boolean; readonly signal: AbortSignal },
  ) {
    for await (const piece of withinLimits(home, found.sandbox, bytes, what)) {
      activity.touch(found.sandbox.id);
      // An empty one says that more is to come.
      if (piece.byteLength > 0) yield piece;
    }
  }

  return {
    async stat({ sandboxId, path }) {
      const { store, ref } = await use(sandboxId);
      return store.stat(ref, path);
    },
    async list({ sandboxId, path }, signal) {
      const { store, ref } = await use(sandboxId);
      const entries: FileEntry[] = [];
      for await (const batch of store.list(ref, path, signal)) {
        entries.push(...batch);
        if (entries.length > LIST_MAX) return { entries: entries.slice(0, LIST_MAX), truncated: true };
      }
      return { entries, truncated: false };
    },
    async *listAll({ sandboxId, path }, signal) {
      const { store, ref } = await use(sandboxId);
      for await (const entries of store.list(ref, path, signal)) yield { entries };
    },
    watch,
    read: ({ sandboxId, path, offset }, signal) =>
      pieces(sandboxId, ({ store, ref }) => store.read(ref, path, { offset, signal })),
    readTree: ({ sandboxId, path }, signal) => pieces(sandboxId, ({ store, ref }) => store.readTree(ref, path, signal)),
    async readWhole({ sandboxId, path, encoding }, signal) {
      const { store, ref } = await use(sandboxId);
      const parts: Uint8Array[] = [];
      let size = 0;
      const requireSmall = (bytes: number) => {
        if (bytes > WHOLE_FILE_MAX) throw tooLarge(path, 'read');
      };
      for await (const piece of store.read(ref, path, { offset: 0, signal, onSize: requireSmall })) {
        size += piece.byteLength;
        // It may have grown, and some of the system's own say nothing of their size.
        requireSmall(size);
        parts.push(piece);
      }
      const bytes = Buffer.concat(parts);
      if (encoding === 'utf8' && !isUtf8(bytes)) {
        throw new AppError('unsupported', `${path} is not UTF-8 text.`, { hint: 'Ask for the encoding base64.' });
      }
      return { content: bytes.toString(encoding), encoding, size };
    },
    async writeWhole({ sandboxId, path, content, encoding, mode, confirmForeign }, signal) {
      if (encoding === 'base64' && !isBase64(content)) {
        throw new AppError('invalid_input', 'content: is not base64', { details: { field: 'content' } });
      }
      const bytes = Buffer.from(content, encoding);
      if (bytes.byteLength > WHOLE_FILE_MAX) throw tooLarge(path, 'written');
      const found = await use(sandboxId, { confirmForeign });
      const what = { path, isFile: true, signal };
      await found.store.write(found.ref, path, limited(found, once(bytes), what), { mode, signal });
      return bytes.byteLength;
    },
    async beginWrite({ sandboxId, path, mode, confirmForeign }) {
      const found = await use(sandboxId, { confirmForeign });
      return writes.begin(sandboxId, (bytes, signal) =>
        found.store.write(found.ref, path, limited(found, bytes, { path, isFile: true, signal }), { mode, signal }),
      );
    },
    async beginWriteTree({ sandboxId, path, confirmForeign }) {
      const found = await use(sandboxId, { confirmForeign });
      return writes.begin(sandboxId, (bytes, signal) =>
        found.store.writeTree(found.ref, path, limited(found, bytes, { path, isFile: false, signal }), signal),
      );
    },
    append: writes.append,
    finish: writes.finish,
    cancel: writes.cancel,
    async makeFolder({ sandboxId, path, confirmForeign }) {
      const { store, ref } = await use(sandboxId, { confirmForeign });
      await store.makeFolder(ref, path);
    },
    async remove({ sandboxId, path, recursive, confirmForeign }, signal) {
      const { store, ref } = await use(sandboxId, { confirmForeign });
      await store.remove(ref, path, { recursive, signal });
    },
    async rename({ sandboxId, from, to, confirmForeign }) {
      const { store, ref } = await use(sandboxId, { confirmForeign });
      await store.rename(ref, from, to);
    },
    async closeAll() {
      disposed.abort();
      await writes.dispose();
    },
  };
}

/** A repeated group would need stack for each repetition: a file has millions of characters. */
const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

const tooLarge = (path: string, how: 'read' | 'written') =>
  new AppError('limit_exceeded', `${path} is larger than the 4 MiB that can be ${how} in one go.`, {
    hint: how === 'read' ? 'Read it in pieces: files.read.' : 'Write it in pieces: files.beginWrite.',
    details: { most: WHOLE_FILE_MAX },
  });
