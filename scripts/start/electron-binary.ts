import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the npm package `electron`. Its own index.js is not imported: that would start a download. */
export const electronPackage = dirname(createRequire(import.meta.url).resolve('electron/package.json'));

/** Electron's program, which comes after the package by a download of its own; null when it did not yet. */
export function findElectron(
  folder = electronPackage,
  override = process.env.ELECTRON_OVERRIDE_DIST_PATH,
): string | null {
  const name = readIfThere(join(folder, 'path.txt'));
  if (name === null) return null;
  const program = join(override || join(folder, 'dist'), name);
  return existsSync(program) ? program : null;
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}
