import { type FileEntry, WHOLE_FILE_MAX } from '../../../shared/contract/files.ts';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { Client } from './connection.ts';
import { sendPieces } from './send-pieces.ts';
import { type FileWatch, type WatchOptions, watchFiles } from './watch.ts';

/** A sandbox can go on for ever about what is in a folder. */
const MOST_ENTRIES = 1_000_000;

/** Paths are as the sandbox sees them: absolute, or from its working directory on. */
export interface Files {
  /** UTF-8 text. Throws `unsupported` for what is none. */
  readonly read: (path: string) => Promise<string>;
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  /** In pieces, for what is large. */
  readonly readStream: (
    path: string,
    options?: { readonly offset?: number; readonly signal?: AbortSignal },
  ) => AsyncIterable<Uint8Array>;
  /** Makes its folder, and replaces what is there when all has come. */
  readonly write: (
    path: string,
    content: string | Uint8Array | AsyncIterable<Uint8Array>,
    options?: { readonly mode?: number; readonly signal?: AbortSignal },
  ) => Promise<void>;
  /** In no order. */
  readonly list: (path?: string) => Promise<readonly FileEntry[]>;
  /** Of a link, the link itself. Throws `not_found`. */
  readonly stat: (path: string) => Promise<FileEntry>;
  readonly exists: (path: string) => Promise<boolean>;
  /** With the folders that it lies in. */
  readonly makeDir: (path: string) => Promise<void>;
  /** Throws `conflict` for a folder with something in it, unless `recursive`. */
  readonly remove: (path: string, options?: { readonly recursive?: boolean }) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /**
   * What changes in a folder from now on: resolves when that is seen. Throws `limit_exceeded` for one with more than 10,000
   * entries. It is looked at about twice a second: what comes and goes in between is not told.
   */
  readonly watch: (path: string, options?: WatchOptions) => Promise<FileWatch>;
}

export function createFiles(client: Client, sandboxId: string): Files {
  const at = (path: string) => ({ sandboxId, path });

  async function* readStream(...[path, { offset = 0, signal } = {}]: Parameters<Files['readStream']>) {
    const pieces = await client.files.read({ ...at(path), offset }, signal ? { signal } : {});
    for await (const { base64 } of pieces) yield new Uint8Array(Buffer.from(base64, 'base64'));
  }
  const readBytes = async (path: string) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of readStream(path)) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  };

  return {
    readStream,
    readBytes,
    async read(path) {
      const bytes = await readBytes(path);
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch (cause) {
        throw new AppError('unsupported', `${path} is no UTF-8 text`, { hint: 'Use readBytes().', cause });
      }
    },
    async write(path, content, { mode, signal } = {}) {
      const target = { ...at(path), ...(mode === undefined ? {} : { mode }) };
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      if (bytes instanceof Uint8Array && bytes.byteLength <= WHOLE_FILE_MAX) {
        const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
        await client.files.writeWhole({ ...target, content: base64, encoding: 'base64' }, signal ? { signal } : {});
        return;
      }
      const { writeId } = await client.files.beginWrite(target);
      await sendPieces(client, writeId, bytes instanceof Uint8Array ? [bytes] : bytes, { signal });
    },
    async list(path = '.') {
      const found: FileEntry[] = [];
      for await (const { entries } of await client.files.listAll(at(path))) {
        found.push(...entries);
        if (found.length > MOST_ENTRIES) {
          throw new AppError('limit_exceeded', `${path} has more than ${MOST_ENTRIES} entries`, {
            hint: 'Read them in batches: connect().api.files.listAll.',
          });
        }
      }
      return found;
    },
    stat: (path) => client.files.stat(at(path)),
    async exists(path) {
      try {
        await client.files.stat(at(path));
        return true;
      } catch (error) {
        if (isAppError(error, 'not_found')) return false;
        throw error;
      }
    },
    async makeDir(path) {
      await client.files.makeFolder(at(path));
    },
    async remove(path, { recursive = false } = {}) {
      await client.files.remove({ ...at(path), recursive });
    },
    async rename(from, to) {
      await client.files.rename({ sandboxId, from, to });
    },
    watch: (path, options = {}) => watchFiles(client, sandboxId, path, options),
  };
}
