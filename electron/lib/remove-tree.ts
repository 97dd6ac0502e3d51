import { randomBytes } from 'node:crypto';
import { chmod, lstat, opendir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from './if-there.ts';

const TRIES = 4;

/**
 * Removes a file, or a folder with all that is in it, whatever a program has made there: folders that
 * nobody may read, and those that lie deeper than a path can be long, at which `fs.rm` gives up.
 * Links are removed, never followed; who calls it sees to it that no program changes the tree meanwhile.
 * Does nothing when there is nothing; what was begun can be begun again.
 */
export async function removeTree(path: string): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await removeOnce(path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // Something was put into a folder while it was emptied, like a last line of a log.
      if (tried === TRIES || !['ENOTEMPTY', 'ENOENT'].includes(code)) throw error;
    }
  }
}

async function removeOnce(path: string): Promise<void> {
  const found = await ifThere(lstat(path));
  if (!found) return;
  if (!found.isDirectory()) return unlink(path);
  // Flattened: each folder is moved up into the outermost one before it is looked into.
  const prefix = `.removed-${randomBytes(6).toString('hex')}-`;
  const waiting: (string | Buffer)[] = [];
  let count = 0;
  await empty(path, async (name) => {
    waiting.push(name);
  });
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const folder = within(path, name);
    await empty(folder, async (inner) => {
      // An empty one needs no more, also when it is somebody else's.
      if (await isRemoved(within(folder, inner))) return;
      const next = `${prefix}${count++}`;
      await open(within(folder, inner)); // to be moved it must be writable, as its `..` changes
      await rename(within(folder, inner), join(path, next));
      waiting.push(next);
    });
    await rmdir(folder);
  }
  await rmdir(path);
}

/** Removes what is in a folder, but for the folders in it: those are handed over. */
async function empty(folder: string | Buffer, onFolder: (name: Buffer) => Promise<void>): Promise<void> {
  await open(folder);
  // Node's types know names as text only.
  const entries = await opendir(folder, { encoding: 'buffer' as BufferEncoding });
  for await (const entry of entries) {
    const name = entry.name as unknown as Buffer;
    const inner = within(folder, name);
    // What the file system tells of an entry's type may be nothing.
    if ((await lstat(inner)).isDirectory()) await onFolder(name);
    else await unlink(inner);
  }
}

async function open(folder: string | Buffer): Promise<void> {
  const { mode } = await lstat(folder);
  if ((mode & 0o700) !== 0o700) await chmod(folder, 0o700);
}

const isRemoved = (folder: Buffer): Promise<boolean> =>
  rmdir(folder).then(
    () => true,
    () => false, // not empty: that is seen to
  );

const within = (folder: string | Buffer, name: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(folder), Buffer.from('/'), Buffer.from(name)]);
