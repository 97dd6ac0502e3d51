import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Programs cannot be started from inside an application's archive: what runs is laid beside it. */
const unpacked = (path: string) => path.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');

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

/** What runs in each child: the source, or its bundle beside the desktop host's own. */
export function runnerProgram(): { readonly file: string; readonly folder: string } {
  const here = unpacked(dirname(fileURLToPath(import.meta.url)));
  return import.meta.url.endsWith('.ts')
    ? { file: join(here, 'runner', 'main.ts'), folder: here }
    : { file: join(here, 'wasm-runner.js'), folder: here };
}

const packageSchema = z.object({ version: z.string() });
export const versionOf = (folder: string) =>
  packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
