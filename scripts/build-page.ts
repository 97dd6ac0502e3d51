import { join } from 'node:path';
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
      // Only now: loading Vite takes longer than finding out that nothing is stale.
      const { build } = await import('vite');
      await build({ configFile: inRoot('vite.config.ts'), logLevel: 'warn' });
    },
  });
}
