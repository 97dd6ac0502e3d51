import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { MODULE_BYTES_MAX } from '../../shared/contract/modules.ts';
import { AppError } from '../../shared/model/error.ts';
import { newId } from '../lib/id.ts';
import { ifThere } from '../lib/if-there.ts';
import { createKeyedLock } from '../lib/keyed-lock.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from './sandboxes/registry.ts';

/** At once. Each has a file open. */
const UPLOADS_MAX = 4;
/** All that lies there, what is under way included. */
const FOLDER_BYTES_MAX = 1024 * 1024 * 1024;
/** Without a piece, an upload is given up: its page is gone. */
const PATIENCE_MS = 60_000;
/** How long a module stays that no sandbox was made from. */
const UNUSED_MS = 60 * 60_000;
const NAME_MAX = 80;
const MAGIC = Buffer.from([0x00, 0x61, 0x73, 0x6d]);

export interface ModuleUploads {
  readonly begin: (what: { readonly name: string; readonly sizeBytes: number }) => Promise<string>;
  /** Pieces come in order, one at a time. */
  readonly append: (id: string, piece: Uint8Array) => Promise<void>;
  /** Where it lies now. `invalid_input` unless all of it has come. */
  readonly finish: (id: string) => Promise<string>;
  /** Idempotent. */
  readonly cancel: (id: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

interface Upload {
  readonly file: FileHandle;
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly hash: Hash;
  received: number;
  busy: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Modules that a page brings, as a browser cannot say where a file lies. Each is kept once, by what is in it, below
 * the state folder for as long as a sandbox names it; every sandbox has a copy of its own besides.
 */
export function createModuleUploads(options: {
  readonly home: string;
  readonly registry: Registry;
  readonly log: Log;
  readonly unusedMs?: number;
}): ModuleUploads {
  const { home, registry, log, unusedMs = UNUSED_MS } = options;
  const folder = join(home, 'modules');
  const incoming = join(folder, 'incoming');
  const uploads = new Map<string, Upload>();
  /** Modules that wait for a sandbox, by their folder's name. */
  const waiting = new Map<string, NodeJS.Timeout>();
  let sweeping: Promise<void> = Promise.resolve();
  /** One begins after another, so that all of them are counted. */
  const beginning = createKeyedLock();

  const usedNames = () =>
    new Set(
      registry.all().flatMap(({ sandbox }) => {
        const source = sandbox.spec?.source;
        return source?.type === 'module' && source.path.startsWith(folder + sep)
          ? (source.path.slice(folder.length + 1).split(sep)[0] ?? [])
          : [];
      }),
    );

  /** Removes what no sandbox names and nobody is about to name. */
  function sweep(): void {
    const work = async () => {
      const names = (await ifThere(readdir(folder))) ?? [];
      const used = usedNames();
      for (const name of used) stopWaiting(name);
      const unused = names.filter((name) => name !== 'incoming' && !used.has(name) && !waiting.has(name));
      await Promise.all(unused.map((name) => rm(join(folder, name), { recursive: true, force: true })));
    };
    sweeping = sweeping.then(work).catch((error: unknown) => log.warn({ err: error }, 'uploads could not be removed'));
  }

  function stopWaiting(name: string): void {
    clearTimeout(waiting.get(name));
    waiting.delete(name);
  }

  function wait(name: string): void {
    stopWaiting(name);
    const timer = setTimeout(() => {
      waiting.delete(name);
      sweep();
    }, unusedMs);
    timer.unref();
    waiting.set(name, timer);
  }

  const find = (id: string): Upload => {
    const upload = uploads.get(id);
    if (upload) return upload;
    throw new AppError('not_found', 'This upload is over.', { hint: 'Choose the file again.' });
  };

  /** From here on nobody else finds it. */
  function take(id: string): Upload {
    const upload = find(id);
    uploads.delete(id);
    clearTimeout(upload.timer);
    return upload;
  }

  async function forget({ file, path }: Upload): Promise<void> {
    await file.close();
    await rm(path, { force: true });
  }

  async function discard(id: string): Promise<void> {
    if (uploads.has(id)) await forget(take(id));
  }

  const giveUpLater = (id: string) => {
    const timer = setTimeout(() => {
      discard(id).catch((error: unknown) => log.warn({ err: error }, 'an upload could not be given up'));
    }, PATIENCE_MS);
    timer.unref();
    return timer;
  };

  async function bytesThere(): Promise<number> {
    const entries = (await ifThere(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
    const files = entries.filter((entry) => entry.isFile() && entry.parentPath !== incoming);
    // One may be removed meanwhile.
    const sizes = files.map(async ({ parentPath, name }) => (await ifThere(stat(join(parentPath, name))))?.size ?? 0);
    const promised = [...uploads.values()].map(({ sizeBytes }) => sizeBytes);
    return [...(await Promise.all(sizes)), ...promised].reduce((sum, size) => sum + size, 0);
  }

  async function begin({ name, sizeBytes }: { readonly name: string; readonly sizeBytes: number }): Promise<string> {
    await sweeping;
    if (sizeBytes > MODULE_BYTES_MAX) {
      throw new AppError('invalid_input', `The module ${name} is larger than 256 MiB.`, {
        hint: 'Choose a smaller one.',
      });
    }
    if (uploads.size >= UPLOADS_MAX) {
      throw new AppError('conflict', 'Several modules are being uploaded already.', { hint: 'Wait for them.' });
    }
    if ((await bytesThere()) + sizeBytes > FOLDER_BYTES_MAX) {
      throw new AppError('limit_exceeded', 'The uploaded modules take 1 GiB already.', {
        hint: 'Destroy sandboxes that were made from uploaded modules.',
      });
    }
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    const id = newId('upl');
    const path = join(incoming, id);
    const file = await open(path, 'wx', 0o600);
    const hash = createHash('sha256');
    uploads.set(id, {
      ...{ file, path, sizeBytes, hash, name: fileName(name) },
      received: 0,
      busy: false,
      timer: giveUpLater(id),
    });
    return id;
  }

  // What an earlier host has left, and what goes with a sandbox.
  sweeping = rm(incoming, { recursive: true, force: true });
  sweep();
  const stopListening = registry.onChange((id) => {
    if (!registry.find(id)) sweep();
  });

  return {
    begin: (what) => beginning.run('', () => begin(what)),
    async append(id, piece) {
      const upload = find(id);
      if (upload.busy) throw new AppError('conflict', 'The piece before is still being written.');
      const refuse = (why: string) => new AppError('invalid_input', `The file ${upload.name} ${why}.`);
      upload.busy = true;
      clearTimeout(upload.timer);
      try {
        if (upload.received + piece.byteLength > upload.sizeBytes) throw refuse('is longer than was said');
        if (upload.received === 0 && MAGIC.compare(piece.subarray(0, MAGIC.length)) !== 0) {
          throw refuse('is no WebAssembly');
        }
        for (let written = 0; written < piece.byteLength; ) {
          written += (await upload.file.write(piece, written)).bytesWritten;
        }
        upload.hash.update(piece);
        upload.received += piece.byteLength;
        upload.timer = giveUpLater(id);
      } catch (error) {
        if (!uploads.has(id)) throw new AppError('cancelled', 'This upload was given up.', { cause: error });
        await discard(id);
        throw error;
      } finally {
        upload.busy = false;
      }
    },
    async finish(id) {
      if (find(id).busy) throw new AppError('conflict', 'The piece before is still being written.');
      const upload = take(id);
      try {
        if (upload.received !== upload.sizeBytes) {
          throw new AppError('invalid_input', `The file ${upload.name} has not come whole.`, { hint: 'Try again.' });
        }
        const digest = upload.hash.digest('hex').slice(0, 32);
        wait(digest);
        await sweeping;
        await mkdir(join(folder, digest), { recursive: true, mode: 0o700 });
        const path = join(folder, digest, upload.name);
        await rename(upload.path, path);
        return path;
      } finally {
        await forget(upload);
      }
    },
    cancel: discard,
    async dispose() {
      stopListening();
      for (const name of [...waiting.keys()]) stopWaiting(name);
      await Promise.all([...uploads.keys()].map(discard));
      await sweeping;
    },
  };
}

/** A name that is one on every file system, and by which the module is called inside. */
function fileName(name: string): string {
  const plain = basename(name)
    .replace(/\.wasm$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+/, '')
    .slice(0, NAME_MAX);
  return `${plain === '' ? 'module' : plain}.wasm`;
}
