import { join } from 'node:path';
import type { InlineConfig } from 'vite';
import { buildIfStale } from './stale.ts';

const root = join(import.meta.dirname, '..');
const inRoot = (path: string) => join(root, path);
const output = inRoot('dist/desktop');

/** Bundles the desktop host into dist/desktop unless it is up to date. Packages stay in node_modules. */
export function buildDesktop(): Promise<'built' | 'fresh'> {
  return buildIfStale({
    name: 'desktop',
    inputs: ['electron', 'shared', 'scripts/build-desktop.ts', 'package-lock.json'].map(inRoot),
    output,
    build: async () => {
      // Only now: loading Vite takes longer than finding out that nothing is stale.
      const { build } = await import('vite');
      await build(bundle('electron/hosts/desktop/main.ts', 'es', 'main.js', true));
      // What runs WebAssembly is a program of its own, in one file.
      await build(bundle('electron/engines/wasm/runner/main.ts', 'es', 'wasm-runner.js', false));
      // A sandboxed preload is no module: Electron runs it with a `require` that knows little more than `electron`.
      await build(bundle('electron/hosts/desktop/preload/preload.ts', 'cjs', 'preload.cjs', false));
    },
  });
}

function bundle(entry: string, format: 'es' | 'cjs', file: string, first: boolean): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    cacheDir: inRoot('.cache/vite-desktop'),
    publicDir: false,
    // `electron` comes from Electron itself, never from the package of that name.
    ssr: { external: ['electron'], target: 'node' },
    build: {
      ssr: inRoot(entry),
      outDir: output,
      emptyOutDir: first,
      target: 'node24',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        // What is loaded late lies beside it: electron-builder.yml takes what is in this folder.
        output: {
          format,
          entryFileNames: file,
          ...(first ? { chunkFileNames: '[name].js' } : { codeSplitting: false }),
        },
      },
    },
  };
}
