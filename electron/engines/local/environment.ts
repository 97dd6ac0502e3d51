import { readFileSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { SandboxId } from '../../../shared/model/sandbox.ts';
import { ifThere } from '../../lib/if-there.ts';
import { unreachable } from '../../lib/unreachable.ts';

export interface EnvironmentRequest {
  readonly id: SandboxId;
  readonly workspace: string;
  readonly temporary: string;
  readonly specEnv: Readonly<Record<string, string>>;
  readonly execEnv?: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string>> & { readonly PATH: string };

const FALLBACK_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What of the host's own environment a sandbox may see. Everything else may hold secrets. */
const INHERITED = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'] as const;

/** Built from nothing: a few names of the host's, Terrarium's own, the spec's, the exec's; later ones win. */
export function buildEnvironment({ id, workspace, temporary, specEnv, execEnv }: EnvironmentRequest): Environment {
  const env: Record<string, string> = { LANG: 'C.UTF-8' };
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, { HOME: workspace, TMPDIR: temporary }, specEnv, execEnv);
  // The id comes last: on macOS it is what the sandbox's processes are found by.
  return { ...env, PATH: env.PATH ?? FALLBACK_PATH, TERRARIUM_SANDBOX_ID: id };
}

/** The user's own shell if the system lists it as one, else bash, else sh. */
export function defaultShell(): string {
  const own = process.env.SHELL;
  const shells = readShells();
  if (own && shells.includes(own)) return own;
  return shells.find((shell) => shell.endsWith('/bash')) ?? '/bin/sh';
}

function readShells(): readonly string[] {
  try {
    return readFileSync('/etc/shells', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('/'));
  } catch {
    return []; // not every system has the file
  }
}

/** Throws `invalid_input` unless it is a folder that can be entered. */
export async function checkWorkdir(workdir: string): Promise<void> {
  const refuse = (why: string, hint: string) =>
    new AppError('invalid_input', `The working directory ${workdir} ${why}.`, { hint, details: { field: 'workdir' } });
  const mayNot = () =>
    refuse('may not be entered by you', 'Change its permissions or those of the folders above, or name another.');
  const found = await ifThere(stat(workdir)).catch((error: NodeJS.ErrnoException) => {
    // A folder above it may not be entered, so nobody knows whether it is there.
    throw error.code === 'EACCES' ? mayNot() : unreachable(error, workdir, 'workdir');
  });
  if (!found) throw refuse('is missing', 'The sandbox sees the folders of this machine: name one that exists.');
  if (!found.isDirectory()) throw refuse('is not a folder', 'Name a folder.');
  if (!(await isAllowed(workdir, constants.X_OK))) throw mayNot();
}

/**
 * Finds a program as the shell would. Looked up before anything is started, so that a wrong name is
 * an error of its own and not an exit code.
 */
export async function resolveProgram(name: string, path: string, workdir: string): Promise<string> {
  const candidates = name.includes('/')
    ? [isAbsolute(name) ? name : resolve(workdir, name)]
    : path.split(delimiter).map((folder) => resolve(workdir, folder, name));
  let denied = false;
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => null); // as a shell looks: what cannot be reached is not there
    if (!found?.isFile()) continue;
    if (await isAllowed(candidate, constants.X_OK)) return candidate;
    denied = true;
  }
  throw new AppError(
    'invalid_input',
    denied ? `The program ${name} may not be executed.` : `The program ${name} does not exist.`,
    {
      hint: name.includes('/') ? 'Check the path.' : `It was looked for in PATH: ${path}`,
      details: { field: 'command' },
    },
  );
}

function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
