import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CgroupHome, findCgroupHome } from '../../lib/cgroup-home.ts';
import { findProgram } from '../../lib/executable.ts';
import { systemMounts } from '../bubblewrap/system-mounts.ts';
import { prepareBundle, writeConfig } from './bundle.ts';
import { privateMounts } from './layout.ts';
import { bundlePaths } from './paths.ts';
import { RUNSC_ENVIRONMENT, type Runsc, runscArguments } from './runsc.ts';

const run = promisify(execFile);

/** The best first. KVM is not tried: where it does not work, it can spin for ever. */
const PLATFORMS = ['systrap', 'ptrace'] as const;
/** A platform that does not work here may hang. */
const TIME_LIMIT_MS = 15_000;

/** What was found by running a sandbox. */
export interface Gvisor extends Runsc {
  /**
   * The system's `ls` and `stat` work: releases before 2023 refuse a flag (AT_NO_AUTOMOUNT of statx(2) and
   * fstatat(2)) with which coreutils 9 and later ask about each file.
   */
  readonly lists: boolean;
  readonly cgroups: CgroupHome | null;
  /** Why there are none. */
  readonly withoutCgroups: string | null;
}

export interface NoGvisor {
  /** Whether the program is there at all. */
  readonly installed: boolean;
  readonly reason: string;
}

/** Runs the smallest sandbox on each platform until one works. Never throws. */
export async function findGvisor(): Promise<Gvisor | NoGvisor> {
  const program = process.platform === 'linux' ? findProgram('runsc') : null;
  if (program === null) return { installed: false, reason: 'gVisor’s program runsc is not installed' };
  const failures: string[] = [];
  for (const platform of PLATFORMS) {
    const tried = await tryOut({ program, platform });
    if (!('failure' in tried)) {
      const [version, { home, reason }] = await Promise.all([
        // It has just run a sandbox: it is used also where it does not say what it is.
        versionOf(program).catch(() => null),
        findCgroupHome(process.getuid?.() ?? -1),
      ]);
      return { program, platform, version, ...tried, cgroups: home, withoutCgroups: reason };
    }
    failures.push(`${platform}: ${tried.failure}`);
  }
  return { installed: true, reason: `runsc did not run a sandbox (${failures.join('; ')})` };
}

async function tryOut(
  runsc: Pick<Runsc, 'program' | 'platform'>,
): Promise<Pick<Gvisor, 'lists'> | { readonly failure: string }> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-runsc-'));
    const paths = bundlePaths(folder);
    await prepareBundle(paths, { plan: [...systemMounts(), ...privateMounts(1024 * 1024)], hostname: 'probe' });
    const argv = ['/bin/sh', '-c', 'ls / >/dev/null 2>&1; echo "ended $?"'];
    await writeConfig(paths, { argv, env: RUNSC_ENVIRONMENT, workdir: '/', limits: {}, terminal: false });
    const [program = '', ...options] = runscArguments(runsc, paths);
    const settings = { env: RUNSC_ENVIRONMENT, timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', cwd: '/' } as const;
    // Named by the folder, as its name is among the names of all sandboxes of this machine.
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const { stdout } = await run(program, [...options, 'run', '--bundle', folder, name], settings);
    if (!stdout.includes('ended ')) return { failure: 'it ran no program' };
    return { lists: stdout.includes('ended 0') };
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    return { failure: stderr.trim().split('\n').at(-1) || String(error) };
  } finally {
    // Some files in a temporary folder are no reason to go without gVisor.
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function versionOf(program: string): Promise<string | null> {
  const { stdout } = await run(program, ['--version'], { env: RUNSC_ENVIRONMENT, timeout: 5000 });
  return /version (?:release-)?(\S+)/.exec(stdout)?.[1] ?? null;
}
