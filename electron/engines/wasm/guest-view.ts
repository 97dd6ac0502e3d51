import { realpath, stat } from 'node:fs/promises';
import { AppError } from '../../../shared/model/error.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { createGuestFiles, type Root } from './runner/guest-files.ts';

export const WORKSPACE = '/workspace';
const TEMPORARY = '/tmp';

/** What a sandbox's programs see of this machine. */
export async function rootsOf({ manifest, paths }: LocalSandbox): Promise<readonly Root[]> {
  const mounts = manifest.spec.mounts.map(async ({ hostPath, path, readOnly }): Promise<Root> => {
    const found = await ifThere(stat(hostPath));
    if (!found?.isDirectory() && !found?.isFile()) {
      throw new AppError('invalid_input', `${hostPath}, which is to be shown as ${path}, is no folder or file.`, {
        hint: 'Choose one that exists.',
        details: { field: 'mounts' },
      });
    }
    const inside = `/${path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/')}`;
    return { path: inside, host: await realpath(hostPath), readOnly };
  });
  // Made for the first start.
  const temporary = await ifThere(realpath(paths.temporary));
  return [
    { path: WORKSPACE, host: await realpath(manifest.workspace), readOnly: false },
    ...(temporary === null ? [] : [{ path: TEMPORARY, host: temporary, readOnly: false }]),
    ...(await Promise.all(mounts)),
  ];
}

/** The working directory as the guest knows it. Throws `invalid_input` unless it is a folder there. */
export function workdirOf({ manifest }: LocalSandbox, roots: readonly Root[], asked: string): string {
  const workdir = asked === manifest.workspace ? WORKSPACE : asked;
  if (typeInside(roots, '/', workdir) === 'folder') return workdir;
  throw new AppError('invalid_input', `The working directory ${workdir} is missing.`, {
    hint: `The sandbox sees ${WORKSPACE}, ${TEMPORARY} and its mounts.`,
    details: { field: 'workdir' },
  });
}

/** What a path is for the guest; null when it is nothing. */
export function typeInside(roots: readonly Root[], from: string, path: string): 'file' | 'folder' | null {
  try {
    const files = createGuestFiles(roots);
    const { type } = files.info(files.resolve(from, path, { follow: true }));
    return type === 'file' || type === 'folder' ? type : null;
  } catch {
    return null; // whatever the reason, the guest cannot have it
  }
}

/** A file of the guest's as this machine knows it. */
export function hostPathOf(roots: readonly Root[], from: string, path: string): string {
  return createGuestFiles(roots).resolve(from, path, { follow: true }).host;
}
