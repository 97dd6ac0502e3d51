import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { cgroupEntries } from '../../lib/cgroup-create.ts';
import type { Launch, LocalSandbox, Program } from '../local/launcher.ts';
import { type Box, type BoxPaths, boxPaths, readCgroup } from './box.ts';
import { joinArguments, makeArguments, namespacePath, type SandboxLayout } from './command-line.ts';
import { descriptors, innerScript, outerScript, type Redirection } from './scripts.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

/** What the programs outside see: nothing of the sandbox's, whose variables could make them load its libraries. */
const outerEnvironment = (id: string) => ({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERRARIUM_SANDBOX_ID: id });

const reading = (descriptor: number, path: string): Redirection => ({ descriptor, path, mode: 'read' });
const writing = (descriptor: number, path: string): Redirection => ({ descriptor, path, mode: 'write' });

/** The first program of a sandbox, which becomes its PID 1. */
export async function makeLaunch(
  sandbox: LocalSandbox,
  program: Program,
  tools: Tools,
  layout: SandboxLayout,
): Promise<Launch> {
  const paths = boxPaths(sandbox);
  const waits = sandbox.manifest.spec.network.mode === 'full';
  if (waits) await run('mkfifo', ['-m', '600', paths.gate]);
  const files = [
    writing(descriptors.ready, paths.ready),
    writing(descriptors.inner, paths.info),
    ...(waits ? [{ descriptor: descriptors.outer, path: paths.gate, mode: 'both' } as const] : []),
  ];
  const outer = await prepare(sandbox, paths, program, tools, files, { first: true, waits });
  const { workdir, argv } = program;
  return launchOf(sandbox, outer, makeArguments(tools, { ...layout, workdir, argv }));
}

/** Any later one. */
export async function joinLaunch(sandbox: LocalSandbox, program: Program, tools: Tools, box: Box): Promise<Launch> {
  const files = [
    reading(descriptors.outer, namespacePath(box.monitor.pid, 'user')),
    reading(descriptors.inner, namespacePath(box.first.pid, 'user')),
  ];
  const outer = await prepare(sandbox, boxPaths(sandbox), program, tools, files, { first: false, waits: false });
  return launchOf(sandbox, outer, joinArguments(tools, box, program));
}

const launchOf = ({ id }: LocalSandbox, outer: string, argv: readonly string[]): Launch => ({
  argv: ['/bin/sh', '-c', outer, 'terrarium', ...argv],
  env: outerEnvironment(id),
  cwd: '/',
});

async function prepare(
  { manifest }: LocalSandbox,
  paths: BoxPaths,
  { env, mark: { part = 0 } }: Program,
  { prlimit }: Tools,
  files: readonly Redirection[],
  { first, waits }: { readonly first: boolean; readonly waits: boolean },
): Promise<string> {
  const cgroup = await readCgroup(paths);
  const { early, late } = cgroup ? cgroupEntries(cgroup) : { early: [], late: [] };
  const entries = [descriptors.memory, descriptors.processes].slice(0, late.length);
  const script = paths.script(part);
  const prefix = cgroup ? [] : processLimit(prlimit, manifest.spec.limits.processes);
  await writeFile(script, innerScript({ env, late: entries, first, waits, prefix }), { mode: 0o600 });
  return outerScript(early, [
    reading(descriptors.seccomp, paths.filter),
    reading(descriptors.script, script),
    ...late.map((procs, index) => writing(entries[index] ?? 0, procs)),
    ...files,
  ]);
}

/**
 * Where no cgroup counts them: since Linux 5.14 RLIMIT_NPROC counts what the user runs in this very
 * user namespace, which is the sandbox's own. Set inside, as outside it would count all of the user's.
 */
function processLimit(prlimit: string, processes: number | undefined): readonly string[] {
  if (processes === undefined) return [];
  const withHelpers = processes + HELPERS;
  return [prlimit, `--nproc=${withHelpers}:${withHelpers}`, '--'];
}

/** PID 1, and its sleep where there is no main program. */
const HELPERS = 2;
