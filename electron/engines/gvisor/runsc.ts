import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SandboxPlace } from '../local/launcher.ts';
import { processOf } from './bundle.ts';
import { type BundlePaths, pathsOf } from './paths.ts';

const run = promisify(execFile);

/** How gVisor is used on this machine: found by trying, see `findGvisor`. */
export interface Runsc {
  readonly program: string;
  readonly version: string | null;
  /** How it takes system calls, e.g. `systrap`. */
  readonly platform: string;
}

/**
 * What goes in front of each subcommand. No network but its own loopback; cgroups are Terrarium's, so
 * that they work for ordinary users and are found after a crash.
 */
export function runscArguments({ program, platform }: Pick<Runsc, 'program' | 'platform'>, { state }: BundlePaths) {
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  return [program, `--root=${state}`, `--platform=${platform}`, '--network=none', '--ignore-cgroups', ...rootless];
}

/** All that it needs to know; nothing of Terrarium's own environment. */
export const RUNSC_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } as const;

const TIME_LIMIT_MS = 20_000;

/** Runs a subcommand that is over at once. Rejects when it fails; what it said is in `stderr`. */
export async function callRunsc(runsc: Runsc, paths: BundlePaths, args: readonly string[]): Promise<string> {
  const [program = '', ...options] = runscArguments(runsc, paths);
  const settings = { env: RUNSC_ENVIRONMENT, timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', cwd: '/' } as const;
  return (await run(program, [...options, ...args], settings)).stdout;
}

/** e.g. `created`, `running` or `paused`; null when there is no such container (any more). Rejects when runsc fails otherwise. */
export async function statusOf(runsc: Runsc, place: SandboxPlace): Promise<string | null> {
  const told = await callRunsc(runsc, pathsOf(place), ['state', place.id]).catch((error: unknown) => {
    if (/does not exist/.test((error as { readonly stderr?: string }).stderr ?? '')) return '';
    throw error;
  });
  return /"status": "(\w+)"/.exec(told)?.[1] ?? null;
}

/** Runs a short script of Terrarium's own inside, and gives its output. Rejects when it fails. */
export async function runInside(
  runsc: Runsc,
  place: SandboxPlace,
  { script, args, path = RUNSC_ENVIRONMENT.PATH }: { script: string; args: readonly string[]; path?: string },
): Promise<string> {
  const paths = pathsOf(place);
  const file = `${paths.folder}/helper-${randomBytes(6).toString('hex')}.json`;
  const argv = ['/bin/sh', '-c', script, 'sh', ...args];
  const described = processOf({ argv, env: { PATH: path }, workdir: '/', limits: {}, terminal: false });
  await writeFile(file, JSON.stringify(described), { mode: 0o600 });
  try {
    return await callRunsc(runsc, paths, ['exec', '--process', file, place.id]);
  } finally {
    await rm(file, { force: true });
  }
}
