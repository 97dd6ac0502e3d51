import type { BigIntStats } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Change, type ChangeList, MOST_PATH } from '../../../../shared/contract/changes.ts';
import { DEEPEST } from '../../../lib/files/folder.ts';
import { toText } from '../../../lib/files/names.ts';
import type { Base } from './base.ts';
import { isChangedOutside, type Looking } from './changed-outside.ts';
import { type Child, childrenOf, enterLevel, hasOtherMode, type Level, linkAt } from './children.ts';

/** The sandbox decides how much there is: so much of it is looked at, and told. */
export interface ListBounds {
  readonly changes: number;
  readonly looked: number;
  readonly compareBytes: number;
  /** Files in folders that are deleted, of which it would be told whether they were changed. */
  readonly below: number;
  /** Bytes of the paths, and of what links lead to, as they are told. */
  readonly text: number;
}
export const LIST_BOUNDS: ListBounds = {
  changes: 10_000,
  looked: 1_000_000,
  compareBytes: 64 * 1024 * 1024,
  below: 50_000,
  text: 4 * 1024 * 1024,
};
const AT_ONCE = 500;

interface Walk extends Looking {
  readonly budget: { bytes: number };
  /** Something is not in the list: what may not be read, lies too deep, or has too long a path. */
  partial: boolean;
}

/** What the layer would change, by path. A folder that is gone is one change, a new one is each that is in it too. */
export async function listChanges(
  view: Level,
  base: Pick<Base, 'isChanged'>,
  bounds: ListBounds = LIST_BOUNDS,
): Promise<ChangeList> {
  const walk: Walk = { base, below: bounds.below, budget: { bytes: bounds.compareBytes }, partial: false };
  const changes: Change[] = [];
  let looked = 0;
  let text = 0;
  for (const change of walkLevel(view, [], walk)) {
    looked += 1;
    if (change) text += textBytes(change);
    if (looked > bounds.looked || (change && (changes.length === bounds.changes || text > bounds.text))) {
      walk.partial = true;
      break;
    }
    if (change) changes.push(change);
    if (looked % AT_ONCE === 0) await breathe();
  }
  return { changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)), truncated: walk.partial };
}

/** Null: looked at, and no change. */
function* walkLevel(level: Level, above: readonly Buffer[], walk: Walk): Generator<Change | null> {
  try {
    for (const child of childrenOf(level, walk.budget)) {
      if (!child) {
        yield null;
        continue;
      }
      const steps = [...above, child.name];
      const change =
        child.kind === 'same' || (child.kind === 'inside' && !hasOtherMode(child))
          ? null
          : yield* describe(level, child, steps, walk);
      const isTold = change !== null && change.path.length <= MOST_PATH;
      if (change && !isTold) walk.partial = true;
      yield isTold ? change : null;
      if (child.kind === 'deleted' || !child.upper.isDirectory()) continue;
      using inner = steps.length < DEEPEST ? enterLevel(level, child.name) : null;
      if (inner) yield* walkLevel(inner, steps, walk);
      else walk.partial = true;
    }
  } catch (error) {
    if (!isRefused(error)) throw error;
    walk.partial = true;
  }
}

function* describe(level: Level, child: Child, steps: readonly Buffer[], walk: Walk): Generator<null, Change> {
  const { kind } = child;
  const path = toText(Buffer.from(steps.map((step) => step.toString('latin1')).join('/'), 'latin1'));
  const stats = kind === 'deleted' ? child.lower : child.upper;
  return {
    path,
    kind: kind === 'added' || kind === 'deleted' ? kind : 'modified',
    type: typeOf(stats),
    size: stats.isFile() ? Number(stats.size) : null,
    target: stats.isSymbolicLink() && kind !== 'deleted' ? targetOf(level, child.name) : null,
    changedOutside: yield* outside(level, child, path, walk),
  };
}

/** What may not be read may have been changed. */
function* outside(level: Level, child: Child, path: string, walk: Walk): Generator<null, boolean> {
  try {
    return yield* isChangedOutside(level, child, path, walk);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return true;
  }
}

/** With the escapes, which make six bytes of one. */
const textBytes = ({ path, target }: Change): number => Buffer.byteLength(JSON.stringify([path, target]));

function targetOf({ upper }: Level, name: Buffer): string | null {
  try {
    return toText(linkAt(upper, name));
  } catch {
    return null; // gone, or no link any more: it runs
  }
}

function typeOf(stats: BigIntStats): Change['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

const isRefused = (error: unknown) =>
  error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'ENOENT', 'EMFILE'].includes(String(error.code));
