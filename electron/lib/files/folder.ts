import { type BigIntStats, chmodSync, closeSync, constants, lstatSync, opendirSync, openSync } from 'node:fs';
import { AppError } from '../../../shared/model/error.ts';

/** O_PATH of open(2), the same on every architecture that Node runs on: a place, not its contents. */
const O_PATH = 0o10000000;
const PLACE = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * A folder held open, as openat(2) has it: what happens to the path that led to it does not matter any
 * more, so no link that somebody puts there can lead elsewhere. Names are bytes, as the system has them.
 */
export interface Folder extends Disposable {
  /** A path to what has this name in it. Only its last step is not held: use calls that do not follow links. */
  readonly at: (name: Buffer) => Buffer;
  readonly look: (name: Buffer) => BigIntStats | null;
  /** Null when there is none of this name, or it is something else: also a link to one. */
  readonly enter: (name: Buffer) => Folder | null;
  /** Throws EACCES when it may not be read. */
  readonly names: () => Generator<Buffer>;
  readonly stats: () => BigIntStats;
  readonly chmod: (mode: number) => void;
}

/** `path`: trusted but for its last step. */
export function openFolder(path: string | Buffer): Folder {
  const descriptor = openSync(path, PLACE);
  const place = `/proc/self/fd/${descriptor}`;
  const at = (name: Buffer) => Buffer.concat([Buffer.from(`${place}/`), name]);
  let isOpen = true;
  return {
    at,
    look: (name) => lookAt(at(name)),
    enter: (name) => openIfThere(at(name)),
    *names() {
      // Node's types know names as text only.
      const entries = opendirSync(place, { encoding: 'buffer' as BufferEncoding });
      try {
        for (let entry = entries.readSync(); entry; entry = entries.readSync()) yield entry.name as unknown as Buffer;
      } finally {
        entries.closeSync();
      }
    },
    stats: () => lstatSync(Buffer.from(`${place}/.`), { bigint: true }),
    chmod: (mode) => chmodSync(place, mode),
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** Null when there is none, or it is something else: also a link to one. */
export function openIfThere(path: string | Buffer): Folder | null {
  try {
    return openFolder(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(error.code));

function lookAt(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The folder that this path leads to, step by step and never through a link. */
export function descend(root: Folder, steps: readonly Buffer[]): Folder | null {
  let here = root;
  for (const step of steps) {
    const next = here.enter(step);
    if (here !== root) here[Symbol.dispose]();
    if (!next) return null;
    here = next;
  }
  return here === root ? root.enter(Buffer.from('.')) : here;
}

/** Each level of a tree needs a few descriptors. */
export const DEEPEST = 100;

export function tooDeep(): AppError {
  return new AppError('limit_exceeded', `It lies more than ${DEEPEST} folders deep.`, {
    hint: 'Do it for the folder that it lies in, or by a command in the sandbox.',
  });
}
