import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { FunctionCode } from '../../../shared/model/function.ts';
import { newId } from '../../lib/id.ts';
import { removeTree } from '../../lib/remove-tree.ts';

const MODULE_MAX = 64 * 1024 * 1024;

/** Copies of functions' modules: a version is what it was when it was made, whatever becomes of the file. */
export interface ModuleFiles {
  readonly path: (id: string, version: number) => string;
  /**
   * A copy that belongs to no version yet; null for code that is no module. `kept` is taken where the file is gone: an
   * upload is, after a while. Throws `invalid_input`.
   */
  readonly take: (code: FunctionCode, kept?: string) => Promise<TakenModule | null>;
  readonly remove: (id: string, version: number) => Promise<void>;
  readonly removeAll: (id: string) => Promise<void>;
  /** Removes what a host that was killed has left: copies without a version, and those of functions other than `kept`. */
  readonly sweep: (kept: ReadonlySet<string>) => Promise<void>;
}

export interface TakenModule {
  readonly path: string;
  readonly bytes: number;
  readonly keepAs: (id: string, version: number) => Promise<void>;
  readonly discard: () => Promise<void>;
}

export function createModuleFiles(home: string): ModuleFiles {
  const folder = join(home, 'functions');
  const incoming = join(folder, 'incoming');
  const folderOf = (id: string) => join(folder, id);
  const pathOf = (id: string, version: number) => join(folderOf(id), `${version}.wasm`);
  return {
    path: pathOf,
    async take(code, kept) {
      if (code.type !== 'module') return null;
      const refuse = (why: string) =>
        new AppError('invalid_input', `The module ${code.path} ${why}`, {
          hint: 'Choose another file.',
          details: { field: 'spec.code.path' },
        });
      const own = await fileAt(code.path);
      const found = own ?? (kept === undefined ? null : await fileAt(kept));
      if (!found) throw refuse('is missing, may not be read, or is no file');
      if (found.size > MODULE_MAX) throw refuse('is larger than 64 MiB');
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      const path = join(incoming, `${newId('mod')}.wasm`);
      await copyFile(found.path, path).catch((cause: unknown) => {
        throw new AppError('invalid_input', `The module ${code.path} could not be read`, {
          details: { field: 'spec.code.path' },
          cause,
        });
      });
      return {
        path,
        bytes: found.size,
        async keepAs(id, version) {
          await mkdir(folderOf(id), { recursive: true, mode: 0o700 });
          await rename(path, pathOf(id, version));
        },
        discard: () => removeTree(path),
      };
    },
    remove: (id, version) => removeTree(pathOf(id, version)),
    removeAll: (id) => removeTree(folderOf(id)),
    async sweep(kept) {
      // Listed at once: what comes into the folders from now on is this host's.
      const old = [
        ...namesIn(incoming).map((name) => join(incoming, name)),
        ...namesIn(folder)
          .filter((name) => join(folder, name) !== incoming && !kept.has(name))
          .map(folderOf),
      ];
      for (const path of old) await removeTree(path);
    },
  };
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function fileAt(path: string): Promise<{ readonly path: string; readonly size: number } | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { path, size: found.size } : null;
}
