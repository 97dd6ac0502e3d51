import { createGuestFiles } from './runner/guest-files.ts';
import { createWasiImports, WASI_MODULE } from './runner/wasi-imports.ts';
import { realWorld } from './runner/world.ts';

/** All that a module can be given, by name. Nothing here is called. */
const given: ReadonlySet<string> = new Set(
  Object.keys(
    createWasiImports({
      files: createGuestFiles([]),
      argv: [],
      env: {},
      preopens: [],
      memory() {
        throw new TypeError('there is no module');
      },
      world: realWorld,
    }),
  ),
);

/** Whether a module may have what it imports: the functions of WASI preview 1, and nothing else. */
export const isGiven = (module: string, name: string, kind: string): boolean =>
  module === WASI_MODULE && kind === 'function' && given.has(name);
