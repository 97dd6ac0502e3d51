import { access, constants, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { Source } from '../../../shared/model/spec.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { SandboxPaths } from './manifest.ts';

/** Makes or checks the folder that the sandbox works in, and gives its path. */
export async function prepareWorkspace(paths: SandboxPaths, home: string, source: Source): Promise<string> {
  switch (source.type) {
    case 'empty':
    case 'module':
      await mkdir(paths.workspace, { recursive: true, mode: 0o700 });
      return paths.workspace;
    case 'directory':
      return checkDirectory(source.path, home);
    case 'image':
      throw new AppError('unsupported', 'There is no image to start from here.', {
        hint: 'Choose an empty workspace or a folder, or another engine.',
        details: { field: 'source' },
      });
  }
}

async function checkDirectory(path: string, home: string): Promise<string> {
  const refuse = (why: string, hint: string) =>
    new AppError('invalid_input', `The folder ${path} ${why}.`, { hint, details: { field: 'source.path' } });
  const found = await stat(path).catch((error: unknown) => {
    throw unreachable(error, path, 'source.path');
  });
  if (!found.isDirectory()) throw refuse('is not a folder', 'Choose a folder.');

  const real = await realpath(path);
  if (real === '/') throw refuse('is the whole machine', 'Choose a folder below it.');
  const fromHome = relative(await realpath(home), real);
  if (!fromHome.startsWith('..')) throw refuse("is Terrarium's own", 'Choose a folder of yours.');

  const allowed = await access(real, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!allowed) throw refuse('may not be read and written by you', 'Change its permissions, or choose another.');
  return real;
}

/**
 * Removes what the engine itself has put into the sandbox's folder; the manifest last, so that a
 * crash in between leaves something that can be destroyed again. The workspace stays: the host
 * removes the folder. `rm` removes a link, not what it points to.
 */
export async function removeTraces(paths: SandboxPaths): Promise<void> {
  const { logs, temporary, exit, programs, manifestCopy, manifest } = paths;
  for (const path of [logs, temporary, exit, programs, manifestCopy, manifest]) {
    // Again when a log was just being cut, which puts a new file into its folder.
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}
