import { access, constants, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { readBeginning } from '../../lib/read-beginning.ts';
import type { SandboxPlace } from '../local/launcher.ts';

/** Of a pyvenv.cfg, and of a METADATA, whose head is what counts. Both may be written by what runs inside. */
const MOST_BYTES = 64 * 1024;

/** Where a sandbox's virtualenv and what belongs to it lie: beside the workspace, never in the user's folder. */
export interface VenvFiles {
  readonly folder: string;
  readonly bin: string;
  readonly python: string;
  readonly config: string;
  /** Which Python it was made with: its path. Not in the virtualenv, where what runs inside could change it. */
  readonly maker: string;
  /** What an interactive shell reads so that its prompt shows the virtualenv. */
  readonly shellStart: string;
  /** The virtualenv before a repair, until that has succeeded. */
  readonly setAside: string;
}

export function venvFiles({ paths }: Pick<SandboxPlace, 'paths'>): VenvFiles {
  const folder = join(paths.directory, 'venv');
  return {
    folder,
    bin: join(folder, 'bin'),
    python: join(folder, 'bin', 'python'),
    config: join(folder, 'pyvenv.cfg'),
    maker: join(paths.directory, 'python'),
    shellStart: join(paths.directory, 'shell-start'),
    setAside: join(paths.directory, 'venv.before'),
  };
}

/** pyvenv.cfg, see https://docs.python.org/3/library/site.html; null when it is missing or says nothing. */
export async function readConfig(
  files: VenvFiles,
): Promise<{ readonly home: string; readonly version: string } | null> {
  const text = (await readBeginning(files.config, MOST_BYTES)) ?? '';
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
  const [home, version] = [values.get('home'), values.get('version')];
  return home && version ? { home, version } : null;
}

/** What is wrong with a virtualenv; null when nothing is. Cheap: it is asked before every program. */
export async function findProblem(files: VenvFiles, withPip: boolean): Promise<string | null> {
  if (!(await exists(files.folder))) return 'Its virtualenv is gone.';
  const config = await readConfig(files);
  if (!config) return 'Its virtualenv is damaged: pyvenv.cfg is missing or empty.';
  const link = await lstat(files.python).catch(() => null);
  if (!link) return 'Its virtualenv is damaged: bin/python is missing.';
  if (!(await exists(files.python))) return `Its Python ${config.version} is gone from ${config.home}.`;
  const runs = await access(files.python, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!runs) return 'Its Python may not be executed by you.';
  const [site] = await siteFolders(files);
  if (!site) return 'Its virtualenv is damaged: it has no folder for packages.';
  const real = await realpath(files.python);
  const now = /^python(\d+\.\d+)$/.exec(basename(real))?.[1];
  if (now && !site.includes(`/python${now}/`))
    return `It was made for Python ${config.version}, but ${real} is there now.`;
  if (withPip && !(await exists(join(site, 'pip', '__main__.py')))) return 'The pip in its virtualenv is broken.';
  return null;
}

export const REPAIR_HINT = 'Repair it under Packages: it is made again with the same packages.';

export async function requireWhole(files: VenvFiles, withPip: boolean): Promise<void> {
  const problem = await findProblem(files, withPip);
  if (problem) throw new AppError('conflict', problem, { hint: REPAIR_HINT, details: { repair: 'pip' } });
}

/** Its `site-packages`: one, unless Python's version was changed by force. */
export async function siteFolders({ folder }: VenvFiles): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'lib')).catch(() => []);
  const folders = names
    .filter((name) => name.startsWith('python'))
    .map((name) => join(folder, 'lib', name, 'site-packages'));
  // Never through a link: what runs inside could have put it there, to have another folder taken for its own.
  const real = await Promise.all(folders.map((each) => realpath(each).catch(() => null)));
  const inside = await realpath(folder).catch(() => null);
  return folders.filter((each, index) => inside !== null && real[index] === join(inside, relative(folder, each)));
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
