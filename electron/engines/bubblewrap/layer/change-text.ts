import type { ChangeText } from '../../../../shared/contract/changes.ts';
import { descend, type Folder } from '../../../lib/files/folder.ts';
import { isWhiteout, readSmall } from './children.ts';

export const MOST_TEXT = 256 * 1024;

/** Where a change is read: nothing of the mount is needed. */
interface Sides {
  /** Null where nothing was written yet. */
  readonly upper: Folder | null;
  readonly lower: Folder;
}

/** A file as it is in the workspace and as it would be; `steps` lead to it. Null where there is none, with the reason when that is not plain. */
export function readChange({ upper, lower }: Sides, steps: readonly Buffer[]): ChangeText {
  const name = steps.at(-1) ?? Buffer.alloc(0);
  const side = (root: Folder | null): Side => {
    using folder = root && descend(root, steps.slice(0, -1));
    return folder ? readSide(folder, name) : { text: null, problem: null };
  };
  const after = side(upper);
  const before = side(lower);
  return { before: before.text, after: after.text, problem: before.problem ?? after.problem };
}

interface Side {
  readonly text: string | null;
  readonly problem: ChangeText['problem'];
}

function readSide(folder: Folder, name: Buffer): Side {
  const stats = folder.look(name);
  if (!stats || isWhiteout(stats)) return { text: null, problem: null };
  if (!stats.isFile()) return { text: null, problem: 'no_file' };
  if (stats.size > MOST_TEXT) return { text: null, problem: 'too_large' };
  const bytes = readSmall(folder, name, MOST_TEXT);
  if (!bytes) return { text: null, problem: 'unreadable' };
  const text = bytes.toString('utf8');
  if (text.includes('\0') || !Buffer.from(text, 'utf8').equals(bytes)) return { text: null, problem: 'binary' };
  return { text, problem: null };
}
