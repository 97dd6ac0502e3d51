import { constants } from 'node:fs';
import { chmod, copyFile, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { LocalSandbox, SandboxPlace } from '../local/launcher.ts';

const MOST_BYTES = 256 * 1024 * 1024;
/** `\0asm` and version 1: what is no component. */
const MAGIC = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** The sandbox's own copy: it stays when the sandbox is rebuilt, whatever becomes of the original. */
export const moduleCopy = ({ paths }: SandboxPlace): string => join(paths.directory, 'module.wasm');

/** Copies the module that the spec names; the copy that is there serves when the original is gone. */
export async function takeModule(sandbox: LocalSandbox): Promise<void> {
  const { source } = sandbox.manifest.spec;
  if (source.type !== 'module') return;
  const refuse = (why: string, hint: string) =>
    new AppError('invalid_input', `The module ${source.path} ${why}.`, { hint, details: { field: 'source.path' } });
  const copy = moduleCopy(sandbox);
  const found = await ifThere(stat(source.path));
  if (!found) {
    if (await ifThere(stat(copy))) return;
    throw refuse('does not exist', 'Choose a .wasm file that exists.');
  }
  if (!found.isFile()) throw refuse('is not a file', 'Choose a .wasm file.');
  if (found.size > MOST_BYTES) throw refuse('is larger than 256 MiB', 'Choose a smaller one.');
  await using file = await open(source.path, 'r');
  const { buffer } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
  if (buffer.subarray(0, 4).compare(MAGIC.subarray(0, 4)) !== 0) {
    throw refuse('is no WebAssembly', 'Choose a file that a compiler has made for WebAssembly.');
  }
  if (buffer.compare(MAGIC) !== 0) {
    throw refuse('is a component or of another version', 'Choose a core module for WASI preview 1.');
  }
  await ifThere(chmod(copy, 0o600));
  await copyFile(source.path, copy, constants.COPYFILE_FICLONE);
  await chmod(copy, 0o400);
}
