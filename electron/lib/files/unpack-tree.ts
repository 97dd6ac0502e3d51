import { linkSync, lutimesSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { AppError } from '../../../shared/model/error.ts';
import { draftName } from './draft-name.ts';
import { inFileErrors } from './file-errors.ts';
import { toBytes } from './names.ts';
import { giveToOwnerOf } from './owner.ts';
import type { Place } from './place.ts';
import type { Bytes, LeaveOut } from './tree.ts';
import { writeFileAt } from './write-file.ts';

/** Where an archive is unpacked. */
export interface Target {
  /** A place below it; the folders on the way are made, and links on it are refused. */
  readonly into: (steps: readonly string[], follow: boolean) => Place;
  readonly changeable: (place: Place) => Place;
  readonly leaveOut?: LeaveOut | undefined;
}

/** Each file is there whole or not at all. Owners are not taken over, nor are setuid, setgid and sticky. */
export async function unpackTree(target: Target, tar: Bytes, signal: AbortSignal): Promise<void> {
  const entries = extract();
  const fed = pipeline(Readable.from(tar, { objectMode: false }), entries, { signal });
  const unpacked = (async () => {
    makeFolder(target, [], 0o755);
    for await (const entry of entries) {
      signal.throwIfAborted();
      await inFileErrors(entry.header.name, () => unpackEntry(target, entry.header, entry as Bytes, signal));
      entry.resume();
    }
  })();
  const [read, written] = await Promise.allSettled([
    fed,
    unpacked.catch((error: unknown) => {
      entries.destroy(error as Error);
      throw error;
    }),
  ]);
  signal.throwIfAborted();
  const failure = [written, read].find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (!failure) return;
  throw asTarError(failure.reason);
}

/** In the library's words. */
const NO_TAR = /^(?:invalid (?:tar )?header|header exceeds|unexpected end of data|size mismatch)/i;

/** What the library says of an archive that is none. Whatever else the archive's source failed with stays what it is. */
export function asTarError(reason: unknown): unknown {
  if (!(reason instanceof Error) || !NO_TAR.test(reason.message)) return reason;
  return new AppError('invalid_input', `This is no tar archive that could be read: ${reason.message}.`, {
    cause: reason,
  });
}

const NO_FILES: ReadonlySet<string> = new Set(['fifo', 'character-device', 'block-device']);

async function unpackEntry(target: Target, header: Header, bytes: Bytes, signal: AbortSignal): Promise<void> {
  const steps = stepsOf(header.name);
  const mode = (header.mode ?? 0o644) & 0o777;
  if (target.leaveOut && NO_FILES.has(header.type ?? 'file')) return target.leaveOut(header.name);
  switch (header.type) {
    case 'directory':
      return makeFolder(target, steps, mode);
    case 'file':
    case 'contiguous-file': {
      using place = at(target, steps);
      return await writeFileAt({ ...place, stats: replaced(place) }, bytes, { mode, modifiedAt: header.mtime, signal });
    }
    case 'symlink': {
      using place = at(target, steps);
      return put(place, (draft) => {
        symlinkSync(toBytes(header.linkname ?? ''), draft);
        if (header.mtime) lutimesSync(draft, header.mtime, header.mtime);
      });
    }
    case 'link': {
      using place = at(target, steps);
      using first = target.into(stepsOf(header.linkname ?? ''), false);
      return put(place, (draft) => linkSync(first.folder.at(first.name), draft));
    }
    default:
      throw new AppError(
        'unsupported',
        `${header.name} is a ${header.type ?? 'thing of no kind'}, which is not copied.`,
        {
          hint: 'Leave it out.',
          details: { path: header.name },
        },
      );
  }
}

/** Whatever an archive calls it, it lies in the folder that it is unpacked into. */
function stepsOf(name: string): readonly string[] {
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  if (!steps.includes('..') && !name.includes('\0')) return steps;
  throw new AppError('denied', `The archive’s entry ${name} leads out of it.`, { details: { path: name } });
}

function at(target: Target, steps: readonly string[]): Place {
  if (steps.length === 0) throw new AppError('invalid_input', 'The archive has a file without a name.');
  const place = target.into(steps, false);
  try {
    return target.changeable(place);
  } catch (error) {
    place[Symbol.dispose]();
    throw error;
  }
}

/** What a file takes the place of: a link as such, nothing of which is kept. */
function replaced({ stats }: Place): Place['stats'] {
  return stats?.isSymbolicLink() ? null : stats;
}

function makeFolder(target: Target, steps: readonly string[], mode: number): void {
  using place = target.into(steps, steps.length === 0);
  if (place.stats?.isDirectory()) return;
  target.changeable(place);
  if (place.stats) throw new AppError('conflict', `There is something at ${place.path} already.`);
  mkdirSync(place.folder.at(place.name), { mode: mode | 0o700 });
  using made = place.folder.enter(place.name);
  made?.chmod(mode | 0o700);
  giveToOwnerOf(place.folder, place.name);
}

function put({ folder, name, path, stats }: Place, make: (draft: Buffer) => void): void {
  if (stats?.isDirectory()) throw new AppError('conflict', `${path} is a folder.`);
  const draftOf = draftName();
  const draft = folder.at(draftOf);
  make(draft);
  try {
    renameSync(draft, folder.at(name));
    // Where both were the same file already, rename(2) leaves both.
    if (folder.look(draftOf) !== null) unlinkSync(draft);
    giveToOwnerOf(folder, name);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
