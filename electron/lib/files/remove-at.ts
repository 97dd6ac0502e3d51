import { rmdirSync, unlinkSync } from 'node:fs';
import { DEEPEST, type Folder, tooDeep } from './folder.ts';
import type { Pace } from './pace.ts';

/** Removes a file or folder, and never what a link leads to, whoever changes things meanwhile. */
export async function removeAt(folder: Folder, name: Buffer, pace: Pace, depth = 0): Promise<void> {
  if (depth > DEEPEST) throw tooDeep();
  using inner = folder.enter(name);
  if (!inner) {
    unlinkSync(folder.at(name));
    return;
  }
  for (const each of inner.names()) {
    await pace();
    await removeAt(inner, each, pace, depth + 1);
  }
  rmdirSync(folder.at(name));
}
