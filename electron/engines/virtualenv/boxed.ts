import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { isWithin, type Mount } from '../bubblewrap/mount-plan.ts';
import type { Engine } from '../engine.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { createLines } from '../local/lines.ts';
import { isLive } from '../local/manifest.ts';
import type { RunTool } from '../local/tools.ts';
import type { Interpreters } from './interpreters.ts';
import { makerOf, settingsOf } from './pip.ts';
import { venvFiles } from './venv-files.ts';

/** The runtime in which a virtualenv is isolated from this machine. */
export const NAMESPACE = 'namespace';

export const isBoxed = ({ manifest }: LocalSandbox): boolean => manifest.spec.runtime === NAMESPACE;

/**
 * What a sandbox of namespaces sees for its virtualenv, each at the path that it has on this machine, as
 * a virtualenv's programs name theirs: the virtualenv, to be written; the Python behind it and the folder
 * with wheels, to be read.
 */
export async function venvMounts(sandbox: LocalSandbox, interpreters: Interpreters): Promise<readonly Mount[]> {
  const { folder, shellStart } = venvFiles(sandbox);
  const { wheels } = settingsOf(sandbox);
  const maker = await makerOf(sandbox, interpreters);
  const read = [shellStart, ...(wheels === undefined ? [] : [wheels])];
  if (maker && !isWithin(maker.prefix, '/usr')) read.push(showable(maker.prefix));
  const binds: readonly Mount[] = [
    { type: 'bind', source: folder, path: folder, readOnly: false },
    ...read.map((path) => ({ type: 'bind', source: path, path, readOnly: true }) as const),
  ];
  // Made first: bwrap would else make them for its own use only, closed to all others.
  const parents = new Set(binds.flatMap(({ path }) => ancestors(path)));
  return [...[...parents].toSorted().map((path) => ({ type: 'folder', path }) as const), ...binds];
}

/** Throws for a Python in a folder that holds the user's own files as well. */
export function showable(prefix: string): string {
  if (prefix !== '/' && !isWithin(homedir(), prefix)) return prefix;
  throw new AppError('invalid_input', `The Python in ${prefix} cannot be shown without your own files beside it.`, {
    hint: 'Choose another Python, e.g. that of the system.',
    details: { field: 'python.interpreter' },
  });
}

/** Whether what runs inside reaches nothing beside itself. */
export function isOffline(sandbox: LocalSandbox): boolean {
  const { mode } = sandbox.manifest.spec.network;
  return isBoxed(sandbox) && (mode === 'none' || mode === 'loopback');
}

/** npm runs scripts of the workspace's, which what runs inside can write; it would run them outside. */
export function noNpmInside(sandbox: LocalSandbox): AppError | null {
  if (!isBoxed(sandbox)) return null;
  return new AppError('unsupported', 'npm does not work on an isolated virtualenv from outside.', {
    hint: 'Run it in a console, where npm is part of the system.',
  });
}

function ancestors(path: string): readonly string[] {
  const above = dirname(path);
  return above === '/' ? [] : [...ancestors(above), above];
}

/**
 * Runs a tool inside: what was installed there may run with it, so it must not run outside. Needs the
 * sandbox to run, and has its network.
 */
export function createInnerTools(exec: Engine['exec']): RunTool {
  return async ({ id, manifest }, { argv, signal, env, onLine }) => {
    if (!isLive(manifest)) {
      throw new AppError(
        'conflict',
        'The packages of an isolated virtualenv are changed inside it, and it does not run.',
        {
          hint: 'Start it first.',
        },
      );
    }
    const output = { stdout: createLines(onLine), stderr: createLines(onLine) };
    const settings = env.PIP_CONFIG_FILE === undefined ? {} : { PIP_CONFIG_FILE: env.PIP_CONFIG_FILE };
    const exit = await exec(
      id,
      { argv, env: { ...settings, PYTHONUNBUFFERED: '1' }, workdir: manifest.workspace },
      { signal, onOutput: (stream, chunk) => output[stream].push(chunk) },
    );
    return { exit, stdout: output.stdout.end(), stderr: output.stderr.end() };
  };
}
