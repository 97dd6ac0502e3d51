import { execFile } from 'node:child_process';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../shared/model/error.ts';

const run = promisify(execFile);

/** A Python of this machine, as it tells of itself. */
export interface Interpreter {
  /** Its real program: no shim, and no virtualenv's. */
  readonly path: string;
  /** e.g. `3.11.2`. */
  readonly version: string;
  /** Has the module `venv`. Debian ships it with python3, others always. */
  readonly hasVenv: boolean;
  readonly hasEnsurepip: boolean;
  /** Version of the pip that is installed for it. */
  readonly pip: string | null;
  /** The folder that it was installed in: `/usr`, a version's folder of pyenv. */
  readonly prefix: string;
  /** A wheel of pip that came with it; pip runs from it, slowly. */
  readonly pipWheel: string | null;
  /** Folders that a virtualenv with system site-packages sees as well. */
  readonly sitePackages: readonly string[];
}

export interface Interpreters {
  /** The usual one, which is run, and where others lie, which are not: a look at all of them takes a second or two. */
  readonly glance: () => Promise<{ readonly best: Interpreter | null; readonly others: readonly string[] }>;
  /** All that are found, the best first. */
  readonly find: () => Promise<readonly Interpreter[]>;
  /** Null for what is no Python, is too old, or does not run. */
  readonly describe: (path: string) => Promise<Interpreter | null>;
  /** The one that a spec names, or the best; throws `invalid_input` or, when there is none at all, `engine_unavailable`. */
  readonly choose: (wanted: string | undefined) => Promise<Interpreter>;
}

/** `pip --python` and the module importlib.metadata need it. */
export const OLDEST = [3, 8] as const;
const OLDEST_TEXT = OLDEST.join('.');
const TIMEOUT_MS = 10_000;

/** -I: neither the user's own modules nor PYTHON… variables change the answer. */
const DESCRIBE = `
import glob, json, os, site, sys
from importlib.util import find_spec
spec = find_spec('ensurepip')
wheels = []
if spec:
    folder = os.path.dirname(spec.origin)
    wheels = glob.glob(os.path.join(folder, '_bundled', 'pip-*.whl')) + glob.glob('/usr/share/python-wheels/pip-*.whl')
pip = None
if find_spec('pip'):
    from importlib.metadata import version
    pip = version('pip')
print(json.dumps({
    'version': '.'.join(map(str, sys.version_info[:3])),
    'base': getattr(sys, '_base_executable', None) or sys.executable,
    'executable': sys.executable,
    'hasVenv': find_spec('venv') is not None,
    'hasEnsurepip': bool(wheels),
    'prefix': sys.base_prefix,
    'pip': pip,
    'pipWheel': wheels[0] if wheels else None,
    'sitePackages': site.getsitepackages(),
}))
`;

export function createInterpreters(env: NodeJS.ProcessEnv = process.env): Interpreters {
  const cache = new Map<string, { readonly stamp: string; readonly interpreter: Promise<Interpreter | null> }>();

  const describe = async (path: string): Promise<Interpreter | null> => {
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) return null;
    const stamp = `${found.ino} ${found.mtimeMs} ${found.size} ${await choiceOf(path, env)}`;
    const cached = cache.get(path);
    if (cached?.stamp === stamp) return cached.interpreter;
    const interpreter = ask(path);
    cache.set(path, { stamp, interpreter });
    return interpreter;
  };

  const ask = async (path: string): Promise<Interpreter | null> => {
    const told = await tell(path, env);
    if (!told || !isNewEnough(told.version)) return null;
    // In a virtualenv: what is behind it counts.
    if ((await realpath(told.base)) !== (await realpath(told.executable))) return describe(told.base);
    const { base, executable: _, ...rest } = told;
    return { ...rest, path: base };
  };

  const find = async () => {
    const seen = new Map<string, Interpreter>();
    for (const found of await Promise.all((await candidates(env)).map(describe))) {
      if (!found) continue;
      const real = await realpath(found.path);
      if (!seen.has(real)) seen.set(real, found);
    }
    return [...seen.values()];
  };

  /** The first that PATH finds: one look, as every creation asks for it. */
  const usual = async (): Promise<Interpreter | null> => {
    for (const folder of foldersOf(env)) {
      const found = await describe(join(folder, 'python3'));
      if (found) return found;
    }
    return (await find())[0] ?? null;
  };

  const choose = async (wanted: string | undefined) => {
    const refuse = async (why: string) => {
      const others = (await find()).map(({ path, version }) => `${path} (${version})`).join(', ');
      return new AppError('invalid_input', why, {
        hint: others ? `There are: ${others}.` : HOW_TO_GET_PYTHON,
        details: { field: 'python.interpreter' },
      });
    };
    if (wanted?.startsWith('/')) {
      const found = await describe(wanted);
      if (found) return found;
      throw await refuse(`${wanted} is no Python ${OLDEST_TEXT} or newer that runs here.`);
    }
    if (wanted !== undefined) {
      for (const folder of foldersOf(env)) {
        const found = await describe(join(folder, wanted));
        if (found) return found;
      }
      // python3.9, 3.9 and 3.9.18 also name what pyenv and uv keep.
      const version = wanted.replace(/^python/, '');
      const found = (await find()).find((each) => `${each.version}.`.startsWith(`${version}.`));
      if (found && version !== '') return found;
      throw await refuse(`There is no Python named ${wanted} here.`);
    }
    const best = await usual();
    if (best) return best;
    throw new AppError('engine_unavailable', `There is no Python ${OLDEST_TEXT} or newer.`, {
      hint: HOW_TO_GET_PYTHON,
    });
  };

  const glance = async () => {
    const best = await usual();
    const mine = best && (await realpath(best.path));
    const others = new Set<string>();
    for (const path of await candidates(env)) {
      const real = await realpath(path).catch(() => null);
      const version = real && /python(\d+\.\d+)$/.exec(real)?.[1];
      const tooOld = version && !isNewEnough(version);
      if (real && real !== mine && !tooOld && basename(dirname(path)) !== 'shims') others.add(real);
    }
    return { best, others: [...others] };
  };

  return { glance, find, describe, choose };
}

export const HOW_TO_GET_PYTHON = 'Install Python, e.g. apt install python3 python3-venv python3-pip.';

type Told = Omit<Interpreter, 'path'> & { readonly base: string; readonly executable: string };

async function tell(path: string, env: NodeJS.ProcessEnv): Promise<Told | null> {
  try {
    const { stdout } = await run(path, ['-I', '-c', DESCRIBE], { timeout: TIMEOUT_MS, env });
    return JSON.parse(stdout) as Told;
  } catch {
    return null; // a shim without a version behind it, a Python 2, a broken installation: none that serves
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** A shim is the same file whatever it leads to: the files by which pyenv and asdf choose tell when that changes. */
async function choiceOf(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = dirname(path);
  if (basename(folder) !== 'shims') return '';
  const files = [join(dirname(folder), 'version'), join(env.HOME ?? homedir(), '.tool-versions')];
  return (await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))).join();
}

function foldersOf({ PATH = '' }: NodeJS.ProcessEnv): readonly string[] {
  const usual = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
  return [...new Set([...PATH.split(delimiter).filter((folder) => folder.startsWith('/')), ...usual])];
}

/** Programs that may be a Python: of PATH, and what pyenv and uv have installed. */
async function candidates(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const home = env.HOME ?? homedir();
  const kept = [
    join(env.PYENV_ROOT ?? join(home, '.pyenv'), 'versions'),
    env.UV_PYTHON_INSTALL_DIR ?? join(env.XDG_DATA_HOME ?? join(home, '.local/share'), 'uv/python'),
  ];
  const paths: string[] = [];
  for (const folder of foldersOf(env)) {
    const names = await readdir(folder).catch(() => []);
    // Of shims only the one that stands for the chosen version: the others are found where they lead to.
    const pattern = folder.endsWith('/shims') ? /^python3$/ : /^python3(?:\.\d+)?$/;
    paths.push(...names.filter((name) => pattern.test(name)).map((name) => join(folder, name)));
  }
  for (const folder of kept) {
    const versions = await readdir(folder).catch(() => []);
    paths.push(...versions.toSorted(newestFirst).map((version) => join(folder, version, 'bin/python3')));
  }
  return paths;
}

const newestFirst = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true });
