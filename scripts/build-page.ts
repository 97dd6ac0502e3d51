import { join } from 'node:path';
import { runCommand } from './lib/command.ts';
import { buildIfStale } from './stale.ts';

const root = join(import.meta.dirname, '..');
const inRoot = (path: string) => join(root, path);

/** Builds the page into dist/page unless it is up to date. */
export function buildPage(): Promise<'built' | 'fresh'> {
  return buildIfStale({
    name: 'page',
    inputs: ['renderer', 'shared', 'vite.config.ts', 'package-lock.json'].map(inRoot),
    output: inRoot('dist/page'),
    build: async () => {
      // A process of its own: what serves the page afterwards would keep the bundler's 450 MB.
      const vite = inRoot('node_modules/vite/bin/vite.js');
      const argv = [vite, 'build', '--config', inRoot('vite.config.ts'), '--logLevel', 'warn'];
      const { code } = await runCommand(process.execPath, argv, {
        onOutput: (text) => process.stderr.write(text),
      });
      if (code !== 0) throw new Error('the page could not be built, see above');
    },
  });
}
