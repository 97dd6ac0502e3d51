import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants as fileConstants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { readBeginning } from '../../lib/read-beginning.ts';
import type { SandboxPaths } from './manifest.ts';
import { countFromHere } from './output-bytes.ts';

/** How a child ended, in the model's words. */
export type Exited = Pick<Exit, 'code' | 'signal'>;

/**
 * Runs the program, outlives the signals that are meant for it, and writes its exit code where a
 * later host finds it. A trap that does something (`:`) is undone in children; an ignored signal
 * would not be. $0 is the file.
 */
const WRAPPER = `trap : TERM INT HUP; "$@"; code=$?; printf '%s\\n' "$code" >"$0"; exit "$code"`;

/** `argv` begins with an absolute path, so that the wrapper's shell cannot take it for a word of its own. */
export interface MainProgram {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly prefix: readonly string[];
}

/** In a session of its own, with its output going straight to files: it needs no host to live. */
export async function startMainProgram(paths: SandboxPaths, main: MainProgram): Promise<ChildProcess> {
  await mkdir(paths.logs, { recursive: true, mode: 0o700 });
  await rm(paths.exit, { force: true });
  await Promise.all([countFromHere(paths.stdout), countFromHere(paths.stderr)]);
  await using stdout = await openLog(paths.stdout);
  await using stderr = await openLog(paths.stderr);
  const argv = [...main.prefix, '/bin/sh', '-c', WRAPPER, paths.exit, ...main.argv];
  return spawnChecked(argv, main.cwd, main.env, ['ignore', stdout.fd, stderr.fd]);
}

/** Spawns in a new session; a spawn that fails is an AppError. */
export async function spawnChecked(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  stdio: readonly ('ignore' | 'pipe' | number)[],
): Promise<ChildProcess> {
  const [file = '', ...args] = argv;
  try {
    const child = spawn(file, args, { cwd, env, stdio: [...stdio], detached: true });
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'E2BIG') {
      throw new AppError('invalid_input', 'The command and its environment are too long.', { cause });
    }
    if (code === 'EAGAIN' || code === 'EMFILE' || code === 'ENOMEM') {
      throw new AppError('limit_exceeded', `This machine cannot start another program now (${code}).`, { cause });
    }
    throw new AppError('internal', `The program could not be started: ${String(cause)}`, { cause });
  }
}

/** Longer than any exit code. */
const MOST_BYTES = 32;

/** What the wrapper wrote; null when it did not come to that, or when something else was put in its place. */
export async function readExit(path: string): Promise<Exited | null> {
  const text = (await readBeginning(path, MOST_BYTES)) ?? '';
  const found = /^(\d+)\n$/.exec(text);
  return found ? fromShell(Number(found[1])) : null;
}

/** A shell reports death by signal n as 128 + n; the model keeps the two apart. */
function fromShell(code: number): Exited {
  const signal = signalName(code - 128);
  return signal === null ? { code, signal: null } : { code: null, signal };
}

export function signalName(number: number): string | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? null;
}

/** Appending, so that the file may be cut while it is written; never through a link that a program has put there. */
function openLog(path: string) {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = fileConstants;
  return open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
}
