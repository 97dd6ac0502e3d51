import { AppError } from '../../../../shared/model/error.ts';
import { toBytes } from '../../../lib/files/names.ts';

/** What of a tree is meant: all of it, nothing, or parts of it by name. */
export type Part = boolean | ReadonlyMap<string, Part>;

/** A name as a key: a character a byte. */
export const keyOf = (name: Buffer): string => name.toString('latin1');
export const nameOf = (key: string): Buffer => Buffer.from(key, 'latin1');

export const partAt = (part: Part, name: Buffer): Part =>
  typeof part === 'boolean' ? part : (part.get(keyOf(name)) ?? false);

/** The names in a path, as keys. Throws `invalid_input`. */
export function keysOf(path: string): readonly string[] {
  const keys = toBytes(path).toString('latin1').split('/');
  if (keys.some((key) => ['', '.', '..'].includes(key) || key.includes('\0'))) {
    throw new AppError('invalid_input', `${path} is no path in the workspace.`, { details: { field: 'paths' } });
  }
  return keys;
}

/** What these paths name, each with all that is below it. Throws `invalid_input`. */
export function partOf(paths: readonly string[]): Part {
  const root = new Map<string, Part>();
  for (const path of paths) {
    add(root, keysOf(path));
  }
  return root;
}

function add(root: Map<string, Part>, keys: readonly string[]): void {
  let here = root;
  for (const [index, key] of keys.entries()) {
    const known = here.get(key);
    if (known === true) return;
    if (index === keys.length - 1) {
      here.set(key, true);
      return;
    }
    const next = known instanceof Map ? (known as Map<string, Part>) : new Map<string, Part>();
    here.set(key, next);
    here = next;
  }
}
