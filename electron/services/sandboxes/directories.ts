import { mkdir, rename, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { removeTree } from '../../lib/remove-tree.ts';

/** The folder that belongs to one sandbox alone. */
export function sandboxDirectory(home: string, id: string): string {
  return join(home, 'sandboxes', id);
}

export async function makeSandboxDirectory(home: string, id: string): Promise<string> {
  const directory = sandboxDirectory(home, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Deletes a sandbox's folder. Links in it are removed, never followed. */
export async function removeSandboxDirectory(home: string, id: string): Promise<void> {
  const directory = sandboxDirectory(home, id);
  try {
    await removeTree(directory);
  } catch (error) {
    throw new AppError('denied', `The folder ${directory} could not be removed: ${reason(error)}`, {
      hint: 'Files in it may belong to another user. Remove the folder by hand, then destroy the sandbox again.',
      cause: error,
    });
  }
}

/** Moves the workspace out of harm's way and says where it is; null when there is none below the folder. */
export async function keepWorkspace(home: string, sandbox: Sandbox): Promise<string | null> {
  const from = sandbox.workspace;
  // The user's own folder stays where it is anyway.
  if (from === null || !from.startsWith(`${sandboxDirectory(home, sandbox.id)}${sep}`)) return null;
  const kept = join(home, 'kept');
  const to = join(kept, sandbox.id);
  await mkdir(kept, { recursive: true, mode: 0o700 });
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Moved by an earlier try, which then failed to remove the rest; or there never was one.
    return stat(to).then(
      () => to,
      () => null,
    );
  }
  return to;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
