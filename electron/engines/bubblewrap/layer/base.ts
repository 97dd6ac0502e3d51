import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../lib/atomic-file.ts';
import { ifThere } from '../../../lib/if-there.ts';
import type { Layer } from './layer.ts';

/** What in the workspace is as it was when the layer began, or as an apply has made it since. */
export interface Base {
  /**
   * Whether somebody else has changed what has this path in the workspace since the layer began. Goes by the time
   * of its last change (ctime), which no program sets. Rather says yes once too often: also for what was changed
   * before the sandbox did, and for what was applied so long ago that it is forgotten. Not known of what has come
   * there with a folder that was moved, as that leaves its time.
   */
  readonly isChanged: (path: string, there: BigIntStats) => boolean;
  /** For what an apply has put there. */
  readonly remember: (path: string, there: BigIntStats) => void;
  readonly save: () => Promise<void>;
}

/** The oldest are forgotten first. */
export const MOST_REMEMBERED = 10_000;

const recordSchema = z.object({
  /** In nanoseconds since 1970, by the clock that files have their times of. */
  began: z.string().regex(/^\d+$/),
  /** What was applied: path (see `keyOf`), inode, ctime in nanoseconds. */
  applied: z.array(z.tuple([z.string(), z.string(), z.string()])),
});
type Record = z.infer<typeof recordSchema>;

/** Beside the upper folder, so nothing in the sandbox can write it, and a rebuild of the layer leaves it. */
const recordOf = ({ folder }: Pick<Layer, 'folder'>) => join(folder, 'base.json');

const write = (layer: Layer, record: Record) => writeFileAtomic(recordOf(layer), JSON.stringify(record));

/** For the layer that begins now, once its folder is there; one that has begun keeps its moment. */
export async function beginBase(layer: Layer, isNew: boolean): Promise<void> {
  if (lstatSync(recordOf(layer), { throwIfNoEntry: false })) return;
  const { ctimeNs } = lstatSync(layer.folder, { bigint: true });
  await write(layer, { began: String(isNew ? ctimeNs : bornAt(layer)), applied: [] });
}

/** Of a layer without a record: its folder is as old as itself. 0 where the file system does not tell. */
const bornAt = ({ folder }: Layer): bigint => lstatSync(folder, { bigint: true }).birthtimeNs;

export async function readBase(layer: Layer): Promise<Base> {
  const text = await ifThere(readFile(recordOf(layer), 'utf8'));
  const record: Record =
    text === null ? { began: String(bornAt(layer)), applied: [] } : recordSchema.parse(JSON.parse(text));
  const began = BigInt(record.began);
  const applied = new Map(record.applied.map(([key, inode, ctime]) => [key, { inode, ctime }]));
  return {
    isChanged(path, { ino, ctimeNs }) {
      if (ctimeNs <= began) return false;
      const known = applied.get(keyOf(path));
      return known?.inode !== String(ino) || known.ctime !== String(ctimeNs);
    },
    remember(path, { ino, ctimeNs }) {
      if (ctimeNs <= began) return;
      const key = keyOf(path);
      applied.delete(key);
      applied.set(key, { inode: String(ino), ctime: String(ctimeNs) });
      if (applied.size <= MOST_REMEMBERED) return;
      const [oldest = ''] = applied.keys();
      applied.delete(oldest);
    },
    async save() {
      const entries = [...applied].map(([key, { inode, ctime }]): [string, string, string] => [key, inode, ctime]);
      await write(layer, { began: record.began, applied: entries });
    },
  };
}

/** A path may be long, and what is remembered is to stay small. Not as UTF-8, which has no lone surrogates. */
const keyOf = (path: string): string => createHash('sha256').update(path, 'utf16le').digest('base64').slice(0, 22);
