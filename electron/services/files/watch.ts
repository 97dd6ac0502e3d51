import type { FileChange, FileEntry, WatchItem } from '../../../shared/contract/files.ts';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { isDraftName } from '../../lib/files/draft-name.ts';
import { sleep } from '../../lib/sleep.ts';

/** What is watched may have so many entries, and so many characters in their paths: both are kept. */
export const WATCHED_MAX = 10_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;
/** Changes of one item. */
const BATCH = 500;
const PAUSE_MS = 500;
/** Where looking takes long, such as in a container, it is done for a fifth of the time at most. */
const PAUSE_PER_LOOK = 4;

/** Entries by their path from the watched folder on. */
type Seen = ReadonlyMap<string, FileEntry>;

export interface WatchOptions {
  /** As `FileStore.list`, of the sandbox as it is then. */
  readonly list: (path: string) => AsyncIterable<readonly FileEntry[]>;
  readonly path: string;
  readonly recursive: boolean;
  readonly signal: AbortSignal;
  readonly pauseMs?: number;
}

/**
 * Tells what changes in a folder by looking again and again, as that is the same for every engine and follows no link. It
 * looks when it is asked for the next item, so a slow reader is told less, not late. Rejects with `limit_exceeded` for a
 * folder with too much in it, and as `list` does.
 */
export async function* watchFolder({
  pauseMs = PAUSE_MS,
  ...options
}: WatchOptions): AsyncGenerator<WatchItem, void, undefined> {
  const { signal } = options;
  let seen = await look(options, new Map());
  yield { type: 'ready' };
  for (let pause = pauseMs; ; ) {
    await sleep(pause, signal);
    if (signal.aborted) return;
    const began = performance.now();
    const now = await look(options, seen);
    pause = Math.max(pauseMs, (performance.now() - began) * PAUSE_PER_LOOK);
    const changes = difference(seen, now);
    seen = now;
    while (changes.length > 0) yield { type: 'changes', changes: changes.splice(0, BATCH) };
  }
}

async function look({ list, path, recursive, signal }: WatchOptions, before: Seen): Promise<Seen> {
  const root = path.replace(/\/+$/, '');
  const seen = new Map<string, FileEntry>();
  let characters = 0;
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entries of list(folder === '' ? path : `${root}/${folder}`)) {
        for (const entry of entries) {
          // Of a write that goes on: what it becomes is told.
          if (isDraftName(entry.name)) continue;
          const at = folder === '' ? entry.name : `${folder}/${entry.name}`;
          seen.set(at, entry);
          characters += at.length;
          if (recursive && entry.type === 'directory') folders.push(at);
        }
        if (seen.size > WATCHED_MAX || characters > CHARACTERS_MAX) throw tooMuch(path, recursive);
      }
    } catch (error) {
      // It is gone or something else by now, or all of the sandbox is: the next look tells. Until then nothing is said of it.
      const isOther = isAppError(error, 'not_found') || isAppError(error, 'conflict');
      if (folder === '' || !isOther) throw error;
      for (const [at, entry] of before) if (at.startsWith(`${folder}/`)) seen.set(at, entry);
    }
    signal.throwIfAborted();
  }
  return seen;
}

function difference(before: Seen, now: Seen): FileChange[] {
  const changes: FileChange[] = [];
  // What lies deeper goes first, and comes last.
  for (const [path] of [...before].toReversed()) {
    if (!now.has(path)) changes.push({ type: 'removed', path, entry: null });
  }
  for (const [path, entry] of now) {
    const old = before.get(path);
    if (!old) changes.push({ type: 'created', path, entry });
    else if (isChanged(old, entry)) changes.push({ type: 'changed', path, entry });
  }
  return changes;
}

/** A folder is another when it is written to: that is told by what is in it. */
function isChanged(old: FileEntry, now: FileEntry): boolean {
  if (old.type !== now.type || old.mode !== now.mode) return true;
  if (now.type === 'directory') return false;
  return old.size !== now.size || isOtherTime(old.modifiedAt, now.modifiedAt) || isOtherTarget(old.target, now.target);
}

// A container that was paused meanwhile was asked in another way, which gives whole seconds, and what links say: that is none.

function isOtherTime(one: number, other: number): boolean {
  if (one % 1000 !== 0 && other % 1000 !== 0) return one !== other;
  return Math.floor(one / 1000) !== Math.floor(other / 1000);
}

const isOtherTarget = (one: string | null, other: string | null) => one !== null && other !== null && one !== other;

const tooMuch = (path: string, recursive: boolean) =>
  new AppError('limit_exceeded', `${path} has more in it than the ${WATCHED_MAX} entries that can be watched.`, {
    hint: recursive ? 'Watch a folder further down, or without what is in its folders.' : 'Watch another folder.',
    details: { most: WATCHED_MAX },
  });
