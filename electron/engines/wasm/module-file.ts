import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MODULE_BYTES_MAX, type ModuleInfo } from '../../../shared/contract/modules.ts';
import { AppError } from '../../../shared/model/error.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { LocalSandbox, SandboxPlace } from '../local/launcher.ts';
import { readModuleInfo } from './module-info.ts';

/** `\0asm` and version 1: what is no component. */
const MAGIC = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
/** Of refused imports, how many are named. */
const NAMED = 8;

/** The sandbox's own copy: it stays when the sandbox is rebuilt, whatever becomes of the original. */
export const moduleCopy = ({ paths }: SandboxPlace): string => join(paths.directory, 'module.wasm');

/** What the module of a file asks for and brings. `invalid_input` where it is none that could be read. */
export async function inspectModule(path: string, shownAs = path): Promise<ModuleInfo> {
  const refuse = (why: string, hint: string) =>
    new AppError('invalid_input', `The module ${shownAs} ${why}.`, { hint, details: { field: 'source.path' } });
  // A pipe would be waited for.
  const found = await ifThere(stat(path));
  if (!found) throw refuse('does not exist', 'Choose a .wasm file that exists.');
  if (!found.isFile()) throw refuse('is not a file', 'Choose a .wasm file.');
  if (found.size > MODULE_BYTES_MAX) throw refuse('is larger than 256 MiB', 'Choose a smaller one.');
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const beginning = await readBeginning(file);
  if (beginning.subarray(0, 4).compare(MAGIC.subarray(0, 4)) !== 0) {
    throw refuse('is no WebAssembly', 'Choose a file that a compiler has made for WebAssembly.');
  }
  if (beginning.compare(MAGIC) !== 0) {
    throw refuse('is a component or of another version', 'Choose a core module for WASI preview 1.');
  }
  try {
    return await readModuleInfo(file, found.size);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse(`is broken: ${error.message}`, 'Make it again, or copy it once more.');
  }
}

async function readBeginning(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
  return buffer.subarray(0, bytesRead);
}

/** Copies the module that the spec names; the copy that is there serves when the original is gone. */
export async function takeModule(sandbox: LocalSandbox): Promise<void> {
  const { source } = sandbox.manifest.spec;
  if (source.type !== 'module') return;
  const copy = moduleCopy(sandbox);
  if (!(await ifThere(stat(source.path))) && (await ifThere(stat(copy)))) return;
  const info = await inspectModule(source.path);
  if (info.refused > 0) {
    const names = info.imports.items.filter(({ allowed }) => !allowed).slice(0, NAMED);
    const more = info.refused - names.length;
    const listed = names.map(({ module, name }) => `${module}.${name}`).join(', ');
    throw new AppError(
      'invalid_input',
      `The module asks for what no module is given here: ${listed}${more > 0 ? ` and ${more} more` : ''}.`,
      {
        hint: 'Choose a module that imports nothing but functions of wasi_snapshot_preview1.',
        details: { field: 'source.path' },
      },
    );
  }
  await ifThere(chmod(copy, 0o600));
  await copyFile(source.path, copy, constants.COPYFILE_FICLONE);
  await chmod(copy, 0o400);
}
