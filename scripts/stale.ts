import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A build result that is made again only when one of its inputs has changed. */
export interface Target {
  readonly name: string;
  /** Files and folders (all that is below them). */
  readonly inputs: readonly string[];
  /** What the build leaves; its stamp lies beside it. */
  readonly output: string;
  readonly build: () => Promise<void>;
}

/** Builds what is stale. The stamp is written last, so that an interrupted build is not taken for a done one. */
export async function buildIfStale(target: Target): Promise<'built' | 'fresh'> {
  const stamp = join(dirname(target.output), `.${target.name}.stamp`);
  const hash = await hashOf(target.inputs);
  if (existsSync(target.output) && (await readIfThere(stamp)) === hash) return 'fresh';
  await target.build();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, hash);
  return 'built';
}

async function hashOf(inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of (await filesBelow(input)).sort()) {
      hash
        .update(file)
        .update('\0')
        .update(await readFile(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return null;
      throw error;
    },
  );
  if (!entries) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
