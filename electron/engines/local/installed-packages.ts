import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Package } from '../../../shared/contract/packages.ts';
import { readBeginning } from '../../lib/read-beginning.ts';

const MOST_BYTES = 64 * 1024;

/**
 * What is installed in a folder, from the `*.dist-info` that every installer leaves there
 * (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). Read without
 * Python, so that it also works when that is gone.
 */
export async function readInstalled(folder: string, location: Package['location']): Promise<readonly Package[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.dist-info') || name.endsWith('.egg-info'))
      .map(async (name) => {
        const file = name.endsWith('.dist-info') ? 'METADATA' : 'PKG-INFO';
        const path = join(folder, name);
        // Debian's egg-info may be a file itself.
        const text = (await readBeginning(join(path, file), MOST_BYTES)) ?? (await readBeginning(path, MOST_BYTES));
        return text === null ? null : parseMetadata(text, location);
      }),
  );
  return found.filter((each) => each !== null);
}

function parseMetadata(text: string, location: Package['location']): Package | null {
  const [head = ''] = text.split(/\r?\n\r?\n/, 1);
  const field = (name: string) => new RegExp(`^${name}: *(.+)$`, 'mi').exec(head)?.[1]?.trim();
  const [name, version] = [field('Name'), field('Version')];
  if (!name || !version) return null;
  const summary = field('Summary');
  return { name, version, summary: summary && summary !== 'UNKNOWN' ? summary.slice(0, 500) : null, location };
}

/** Names are the same whatever their case and punctuation (PEP 503). */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
