import { AppError } from '../../../../shared/model/error.ts';
import { DEEPEST, tooDeep } from '../../../lib/files/folder.ts';
import { toText } from '../../../lib/files/names.ts';
import { createPace, type Pace } from '../../../lib/files/pace.ts';
import { removeAt } from '../../../lib/files/remove-at.ts';
import type { Base } from './base.ts';
import { type Child, childrenOf, enterLevel, hasOtherMode, type Level, permissions } from './children.ts';
import { type Put, putFile, putFolder, putLink, type Writing } from './lower-writes.ts';
import { keyOf, type Part, partAt } from './part.ts';
import { whyFailed } from './why-failed.ts';

export interface Failure {
  readonly path: string;
  readonly message: string;
}

export interface Applied {
  /** What is now in the workspace as it is in the layer. */
  readonly part: Part;
  readonly count: number;
  /** The first of them. */
  readonly failures: readonly Failure[];
  readonly failed: number;
}

export const MOST_FAILURES = 100;

/** `base`: is told what is written. */
export interface Applying extends Writing {
  readonly base: Pick<Base, 'isChanged' | 'remember'>;
}

interface Work extends Applying {
  readonly pace: Pace;
  readonly failures: Failure[];
  count: number;
  failed: number;
}

/** Makes the workspace as the layer has it, in the parts that are asked for. Goes on when something fails; ends early when aborted. */
export async function applyChanges(view: Level, part: Part, writing: Applying): Promise<Applied> {
  // What is applied when it is aborted is told, so that it leaves the layer.
  const work: Work = { ...writing, pace: createPace(), failures: [], count: 0, failed: 0 };
  const done = await applyLevel(view, part, '', 0, work);
  const { count, failures, failed } = work;
  return { part: done, count, failures, failed };
}

async function applyLevel(level: Level, part: Part, above: string, depth: number, work: Work): Promise<Part> {
  const done = new Map<string, Part>();
  let whole = part === true;
  const isWanted = (name: Buffer) => partAt(part, name) !== false;
  for (const child of childrenOf(level, { bytes: Number.MAX_SAFE_INTEGER }, isWanted)) {
    await work.pace();
    if (!child) continue;
    const wanted = partAt(part, child.name);
    const path = `${above}${toText(child.name)}`;
    const result = work.signal.aborted ? false : await applyChild(level, child, wanted, path, depth, work);
    if (result !== false) done.set(keyOf(child.name), result);
    if (result !== true) whole = false;
  }
  if (whole) return true;
  return done.size === 0 ? false : done;
}

async function applyChild(
  level: Level,
  child: Child,
  wanted: Part,
  path: string,
  depth: number,
  work: Work,
): Promise<Part> {
  if (child.kind === 'same') return true;
  try {
    if (child.kind !== 'deleted' && child.upper.isDirectory()) {
      return await applyFolder(level, child, wanted, path, depth, work);
    }
    const there = await applyOne(level, child, work);
    if (there) work.base.remember(path, there);
    work.count += 1;
    return true;
  } catch (error) {
    if (work.signal.aborted) return false;
    work.failed += 1;
    if (work.failures.length < MOST_FAILURES) work.failures.push({ path, message: whyFailed(error) });
    return false;
  }
}

/** What is no folder. */
async function applyOne({ upper, lower }: Level, child: Child, work: Work): Promise<Put> {
  if (!lower) throw new Error('a folder of the workspace was not made');
  const { name } = child;
  if (child.kind === 'deleted') {
    await removeAt(lower, name, createPace(work.signal));
    return null;
  }
  const before = child.kind === 'added' ? null : child.lower;
  if (child.upper.isFile()) return putFile(upper, lower, name, child.upper, before, work);
  if (child.upper.isSymbolicLink()) return putLink(upper, lower, name, before, work);
  throw new AppError('unsupported', 'only files, folders and links are applied');
}

async function applyFolder(
  { upper, lower, merged }: Level,
  child: Exclude<Child, { kind: 'deleted' }>,
  wanted: Part,
  path: string,
  depth: number,
  work: Work,
): Promise<Part> {
  if (!lower) throw new Error('a folder of the workspace was not made');
  if (depth >= DEEPEST) throw tooDeep();
  const { name, kind } = child;
  const isNew = kind !== 'inside';
  if (isNew) {
    await putFolder(lower, name, kind === 'added' ? null : child.lower, work);
    work.count += 1;
  }
  using inner = enterLevel({ upper, lower, merged }, name);
  if (!inner?.lower) throw new AppError('conflict', 'the folder was replaced meanwhile');
  const wasChanged = !isNew && work.base.isChanged(path, inner.lower.stats());
  const isMeant = isNew || (wanted === true && hasOtherMode(child));
  try {
    return await applyLevel(inner, wanted, `${path}/`, depth + 1, work);
  } finally {
    if (isMeant) {
      inner.lower.chmod(permissions(child.upper));
      if (!isNew) work.count += 1;
    }
    // To write what is in it has changed it as well.
    if (isMeant || !wasChanged) work.base.remember(path, inner.lower.stats());
  }
}
