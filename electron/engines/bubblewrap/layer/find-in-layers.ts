import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The path on this machine behind a path of both; null where it was deleted. What a folder of the layer
 * hides without a trace of its own is taken to be there: see `LayerView`.
 */
export function findInLayers(upper: string, lower: string, steps: readonly string[]): string | null {
  let here = upper;
  for (const [index, step] of steps.entries()) {
    here = join(here, step);
    const found = lstatSync(here, { throwIfNoEntry: false });
    if (!found) return join(lower, ...steps);
    if (found.isCharacterDevice()) return null;
    if (!found.isDirectory()) return index === steps.length - 1 ? here : null;
  }
  return here;
}
