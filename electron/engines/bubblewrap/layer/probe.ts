import { execFile } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeTree } from '../../../lib/remove-tree.ts';
import type { Tools } from '../tools.ts';
import { MOUNT } from './layer.ts';

const run = promisify(execFile);

const WHAT_IT_NEEDS =
  'it needs Linux 5.11 or newer with overlayfs, and a state folder on a file system like ext4, xfs, btrfs or tmpfs';
const CHANGE = 'echo two >merged/changed && rm merged/removed && rm -r merged/folder && mkdir merged/folder';

/** Why no layer can be mounted over a folder; null when it can: it is tried in the very folder where layers will lie. */
export async function whyNoLayers({ unshare, mount }: Tools, state: string): Promise<string | null> {
  if (mount === null) return 'the program mount is missing, e.g. apt install mount';
  let folder: string | undefined;
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
    folder = await mkdtemp(join(state, '.layer-probe-'));
    const file = (...names: readonly string[]) => join(folder ?? '', ...names);
    for (const name of ['below', 'below/folder', 'upper', 'work', 'merged']) await mkdir(file(name));
    for (const name of ['changed', 'removed', 'folder/inner']) await writeFile(file('below', name), 'one\n');
    await symlink('below', file('lower'));
    const change = ['/bin/sh', '-c', `cd "$1" && ${CHANGE}`, 'terrarium', folder];
    const argv = ['--user', '--map-root-user', '--mount', '--', '/bin/sh', '-c', MOUNT, 'terrarium', mount, folder];
    await run(unshare, [...argv, ...change], { timeout: 10_000, cwd: '/' });
    const isKept =
      readFileSync(file('upper/changed'), 'utf8') === 'two\n' &&
      lstatSync(file('upper/removed')).isCharacterDevice() &&
      ['changed', 'removed', 'folder/inner'].every((name) => readFileSync(file('below', name), 'utf8') === 'one\n');
    return isKept ? null : `an overlay was mounted but does not keep writes apart; ${WHAT_IT_NEEDS}`;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    return `${stderr.trim().split('\n').at(-1) || String(error)}; ${WHAT_IT_NEEDS}`;
  } finally {
    if (folder !== undefined) await removeTree(folder);
  }
}
