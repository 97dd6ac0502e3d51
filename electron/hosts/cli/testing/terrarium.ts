import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { isAlive, readState } from '../../server/state-file.ts';
import { waitFor } from '../../testing/wait-for.ts';

/** The program itself, as its bin. */
export const program = join(import.meta.dirname, '../terrarium.mjs');

/** Node’s own words about NO_COLOR beside FORCE_COLOR would be among what is told. */
const { FORCE_COLOR: _, ...inherited } = process.env;

/** Of a command whose host has this state folder. */
export const environmentOf = (home: string): NodeJS.ProcessEnv => ({
  ...inherited,
  TERRARIUM_HOME: home,
  NO_COLOR: '1',
});

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly cwd?: string;
  /** As whom, and as which group; only root may say so. */
  readonly uid?: number;
}

/** Runs `terrarium` to its end. */
export async function terrarium(
  args: readonly string[],
  { env, input = '', cwd = tmpdir(), uid }: RunOptions,
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    env,
    cwd,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const told = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told.stderr += text;
  });
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...told };
}

export interface Terminal {
  readonly pty: IPty;
  readonly shown: () => string;
  readonly until: (text: string) => Promise<unknown>;
  readonly exited: Promise<{ readonly exitCode: number }>;
}

/** A program on a terminal of 91 columns and 33 rows. */
export function onTerminal(
  argv: readonly [file: string, ...args: string[]],
  env: NodeJS.ProcessEnv,
  cwd = tmpdir(),
): Terminal {
  const [file, ...args] = argv;
  const pty = spawnPty(file, args, { cols: 91, rows: 33, env, cwd });
  let shown = '';
  pty.onData((text) => {
    shown += text;
  });
  const exited = new Promise<{ readonly exitCode: number }>((resolve) => pty.onExit(resolve));
  return {
    pty,
    shown: () => shown,
    until: (text) => waitFor(`the terminal to show "${text}"`, async () => shown.includes(text)),
    exited,
  };
}

/** A state folder for one test, whose host ends with it, however that goes. */
export async function ownHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
  onTestFinished(async () => {
    await stopHost(home);
    await rm(home, { recursive: true });
  });
  return home;
}

/** Ends the host that commands have started in the background. */
export async function stopHost(home: string): Promise<void> {
  const state = await readState(home);
  if (!state) return;
  process.kill(state.pid, 'SIGTERM');
  await waitFor('the host to end', async () => (await readState(home)) === null && !isAlive(state));
}
