import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { type PythonSettings, pythonSchema } from '../../../shared/model/spec.ts';
import { isFile } from '../../lib/is-file.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Task } from '../engine.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { toolEnvironment } from '../local/tool-environment.ts';
import type { RunTool, ToolResult } from '../local/tools.ts';
import type { Interpreter, Interpreters } from './interpreters.ts';
import { pipError } from './pip-errors.ts';
import { siteFolders, venvFiles } from './venv-files.ts';

/** The first pip with `--python`. */
const OLDEST_PIP = 22.3;

export const HOW_TO_GET_PIP =
  'Install pip, e.g. apt install python3-pip, or make the sandbox with pip in its virtualenv.';

export const settingsOf = ({ manifest }: LocalSandbox): PythonSettings =>
  manifest.spec.python ?? pythonSchema.parse({});

export interface Pip {
  readonly install: (sandbox: LocalSandbox, args: readonly string[], task: Task) => Promise<void>;
  readonly uninstall: (sandbox: LocalSandbox, names: readonly string[], task: Task) => Promise<void>;
  readonly freeze: (sandbox: LocalSandbox, signal: AbortSignal) => Promise<string>;
  readonly versions: (sandbox: LocalSandbox, name: string, signal: AbortSignal) => Promise<readonly string[]>;
}

export function createPip({
  runTool,
  interpreters,
  wheelsOnly,
  isOffline,
}: {
  readonly runTool: RunTool;
  readonly interpreters: Interpreters;
  /** Whether nothing may be built, as building runs code of the package's. */
  readonly wheelsOnly: (sandbox: LocalSandbox) => boolean;
  /** Whether pip itself has the sandbox's network only, and that leads nowhere. */
  readonly isOffline: (sandbox: LocalSandbox) => boolean;
}): Pip {
  /** What runs pip on the sandbox's virtualenv. */
  const commandFor = async (sandbox: LocalSandbox): Promise<readonly string[]> => {
    const files = venvFiles(sandbox);
    for (const site of await siteFolders(files)) {
      if (await isFile(join(site, 'pip', '__main__.py'))) return [files.python, '-I', '-m', 'pip'];
    }
    const through = ({ path }: Interpreter) => [path, '-I', '-m', 'pip', '--python', files.python];
    // The pip of the same Python fits it; another's may be too old for it, or too new.
    const own = await makerOf(sandbox, interpreters);
    if (own && canServe(own)) return through(own);
    if (own?.pipWheel) return [files.python, '-I', join(own.pipWheel, 'pip')];
    const other = (await interpreters.find()).find(canServe);
    if (other) return through(other);
    throw new AppError('engine_unavailable', 'There is no pip to install packages with.', { hint: HOW_TO_GET_PIP });
  };

  /** `doing` is for the message when it fails. */
  const run = async (
    doing: string,
    sandbox: LocalSandbox,
    [command = '', ...args]: readonly string[],
    { signal, progress }: Pick<Task, 'signal'> & Partial<Task>,
  ): Promise<ToolResult> => {
    const settings = settingsOf(sandbox);
    const isolated = isExact(settings);
    const usual = ['--no-input', '--no-color', '--disable-pip-version-check', ...(isolated ? ['--isolated'] : [])];
    const argv = [...(await commandFor(sandbox)), command, ...usual, ...args];
    // The user's pip.conf may name further indexes: with one named in the spec, only that one counts.
    const env = toolEnvironment(isolated ? { PIP_CONFIG_FILE: '/dev/null' } : {});
    const output = progress ? { onLine: progress } : {};
    const result = await runTool(sandbox, { argv, env, cwd: sandbox.manifest.workspace, signal, ...output });
    if (result.exit.code !== 0) throw pipError(result, doing, settings.indexUrl ?? null, isOffline(sandbox));
    return result;
  };

  return {
    async install(sandbox, args, task) {
      const source = await sourceOptions(settingsOf(sandbox));
      const built = wheelsOnly(sandbox) ? ['--only-binary', ':all:'] : [];
      const options = ['--progress-bar', 'off', '--no-warn-script-location', ...built, ...source];
      await run('Installing packages', sandbox, ['install', ...options, ...args], task);
    },
    async uninstall(sandbox, names, task) {
      const { stdout, stderr } = await run('Removing packages', sandbox, ['uninstall', '--yes', ...names], task);
      const missing = /Skipping (\S+) as it is not installed/.exec(`${stdout}\n${stderr}`)?.[1];
      if (missing) {
        throw new AppError('not_found', `The package ${missing} is not installed in this sandbox.`, {
          details: { package: missing },
        });
      }
    },
    async freeze(sandbox, signal) {
      return (await run('Listing packages', sandbox, ['freeze', '--local'], { signal })).stdout;
    },
    async versions(sandbox, name, signal) {
      const options = await sourceOptions(settingsOf(sandbox));
      const { stdout } = await run(`Looking for ${name}`, sandbox, ['index', 'versions', name, ...options], { signal });
      return /^Available versions: (.+)$/m.exec(stdout)?.[1]?.split(', ') ?? [];
    },
  };
}

/**
 * The Python that a sandbox's virtualenv was made with. It is not the virtualenv's own that is asked: that
 * runs what was installed there.
 */
export async function makerOf(sandbox: LocalSandbox, interpreters: Interpreters): Promise<Interpreter | null> {
  const path = await readFile(venvFiles(sandbox).maker, 'utf8').catch(() => null);
  return path === null ? null : interpreters.describe(path);
}

/** Where packages come from is exactly what the spec says, and not the user's own settings. */
const isExact = ({ indexUrl, wheels }: PythonSettings) => indexUrl !== undefined || wheels !== undefined;

async function sourceOptions({ indexUrl, wheels }: PythonSettings): Promise<readonly string[]> {
  if (wheels !== undefined) {
    const found = await stat(wheels).catch((error: unknown) => {
      throw unreachable(error, wheels, 'python.wheels');
    });
    if (!found.isDirectory()) {
      throw new AppError('invalid_input', `${wheels}, where wheels are to be, is not a folder.`, {
        hint: 'Choose a folder with *.whl files.',
        details: { field: 'python.wheels' },
      });
    }
    return ['--no-index', '--find-links', wheels];
  }
  // An index that does not answer is told in seconds; pip's own way would take minutes.
  const patience = ['--retries', '1', '--timeout', '15'];
  return indexUrl === undefined ? patience : [...patience, '--index-url', indexUrl];
}

const canServe = ({ pip }: Interpreter) => pip !== null && Number.parseFloat(pip) >= OLDEST_PIP;
