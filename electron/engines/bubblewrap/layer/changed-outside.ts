import { DEEPEST, type Folder } from '../../../lib/files/folder.ts';
import { toText } from '../../../lib/files/names.ts';
import type { Base } from './base.ts';
import type { Child, Level } from './children.ts';

export interface Looking {
  readonly base: Pick<Base, 'isChanged'>;
  /** So many files may still be looked at in folders that would be gone; then they count as changed. */
  below: number;
}

/**
 * Whether to apply it would undo what somebody else did in the workspace, at this path or in the folder that would be
 * gone with it. Yields for each file that it looks at.
 */
export function* isChangedOutside(
  level: Level,
  child: Child,
  path: string,
  looking: Looking,
): Generator<null, boolean> {
  if (child.kind === 'added') return false;
  if (looking.base.isChanged(path, child.lower)) return true;
  const isGone = child.kind === 'deleted' || (child.kind === 'modified' && child.lower.isDirectory());
  return isGone && level.lower !== null && (yield* isTreeChanged(level.lower, child.name, path, 0, looking));
}

function* isTreeChanged(
  folder: Folder,
  name: Buffer,
  path: string,
  depth: number,
  looking: Looking,
): Generator<null, boolean> {
  using inner = folder.enter(name);
  if (!inner) return false;
  if (depth >= DEEPEST) return true;
  for (const each of inner.names()) {
    if (looking.below === 0) return true;
    looking.below -= 1;
    yield null;
    const there = inner.look(each);
    if (!there) continue;
    const at = `${path}/${toText(each)}`;
    if (looking.base.isChanged(at, there)) return true;
    if (there.isDirectory() && (yield* isTreeChanged(inner, each, at, depth + 1, looking))) return true;
  }
  return false;
}
