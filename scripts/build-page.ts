import { join } from 'node:path';
import { build } from 'vite';
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
      await build({ configFile: inRoot('vite.config.ts'), logLevel: 'warn' });
    },
  });
}
