import { join } from 'node:path';
import { runCommand } from './lib/command.ts';
import { buildIfStale } from './stale.ts';

const root = join(import.meta.dirname, '..');
const inRoot = (path: string) => join(root, path);
const output = inRoot('dist/client');

/** Bundles `terrarium/client` into dist/client, with its types, unless it is up to date: it runs without our packages. */
export function buildClient(): Promise<'built' | 'fresh'> {
  const inputs = ['electron/hosts/client', 'electron/hosts/home-folder.ts', 'electron/hosts/server/state-file.ts'];
  return buildIfStale({
    name: 'client',
    inputs: [...inputs, 'electron/lib/atomic-file.ts', 'shared', 'scripts/build-client.ts', 'package-lock.json'].map(
      inRoot,
    ),
    output,
    async build() {
      // Only now: loading Vite takes longer than finding out that nothing is stale.
      const { build } = await import('vite');
      await build({
        configFile: false,
        root,
        logLevel: 'warn',
        cacheDir: inRoot('.cache/vite-client'),
        publicDir: false,
        ssr: { noExternal: true, target: 'node' },
        build: {
          ssr: inRoot('electron/hosts/client/index.ts'),
          outDir: output,
          emptyOutDir: true,
          target: 'node22',
          minify: false,
          sourcemap: true,
          rolldownOptions: { output: { format: 'es', entryFileNames: 'index.js', codeSplitting: false } },
        },
      });
      const tsc = inRoot('node_modules/typescript/bin/tsc');
      const argv = [tsc, '-p', inRoot('electron/hosts/client/tsconfig.build.json'), '--outDir', join(output, 'types')];
      const { code, stdout } = await runCommand(process.execPath, argv);
      if (code !== 0) throw new Error(`the client’s types could not be written:\n${stdout}`);
    },
  });
}
