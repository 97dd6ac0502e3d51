import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Programs cannot be started from inside an application's archive: what runs is laid beside it. */
export const unpacked = (path: string) => path.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');

const resolve = createRequire(import.meta.url).resolve;

/** Where the interpreters are that came with Terrarium. */
export const libraries = {
  quickjs: () => {
    const folder = unpacked(dirname(resolve('quickjs-wasi/package.json')));
    return { folder, module: join(folder, 'quickjs.wasm') };
  },
  python: () => {
    const folder = unpacked(dirname(resolve('pyodide/package.json')));
    return { folder, module: join(folder, 'pyodide.asm.wasm') };
  },
};

const lockSchema = z.object({ info: z.object({ python: z.string() }) });
let python: string | undefined;
/** Of the Python inside, e.g. `3.14.2`. */
export function pythonVersion(): string {
  python ??= lockSchema.parse(JSON.parse(readFileSync(join(libraries.python().folder, 'pyodide-lock.json'), 'utf8')))
    .info.python;
  return python;
}

const packageSchema = z.object({ version: z.string() });
export const versionOf = (folder: string) =>
  packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
