import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { cgroupEntries } from '../../lib/cgroup-create.ts';
import type { Launch, LocalSandbox, Program } from '../local/launcher.ts';
import { type Box, boxPaths, readCgroup } from './box.ts';
import { type CommandLine, joinArguments, makeArguments, type SandboxLayout } from './command-line.ts';
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
    writing(descriptors.info, paths.info),
    ...(waits ? [{ descriptor: descriptors.gate, path: paths.gate, mode: 'both' } as const] : []),
  ];
  const { outer, command } = await prepare(sandbox, program, files, { first: true, waits });
  return launchOf(sandbox, outer, makeArguments(tools, layout, command));
}

/** Any later one. */
export async function joinLaunch(sandbox: LocalSandbox, program: Program, tools: Tools, box: Box): Promise<Launch> {
  const { outer, command } = await prepare(sandbox, program, [], { first: false, waits: false });
  return launchOf(sandbox, outer, joinArguments(tools, box, command));
}

const launchOf = ({ id }: LocalSandbox, outer: string, argv: readonly string[]): Launch => ({
  argv: ['/bin/sh', '-c', outer, 'terrarium', ...argv],
  env: outerEnvironment(id),
  cwd: '/',
});

async function prepare(
  sandbox: LocalSandbox,
  { env, workdir, argv, mark: { part = 0 } }: Program,
  files: readonly Redirection[],
  inner: { readonly first: boolean; readonly waits: boolean },
): Promise<{ readonly outer: string; readonly command: CommandLine }> {
  const paths = boxPaths(sandbox);
  const cgroup = await readCgroup(paths);
  const { early, late } = cgroup ? cgroupEntries(cgroup) : { early: [], late: [] };
  const entries = [descriptors.memory, descriptors.processes].slice(0, late.length);
  const script = paths.script(part);
  await writeFile(script, innerScript({ env, late: entries, ...inner }), { mode: 0o600 });
  const outer = outerScript(early, [
    reading(descriptors.seccomp, paths.filter),
    reading(descriptors.script, script),
    ...late.map((procs, index) => writing(entries[index] ?? 0, procs)),
    ...files,
  ]);
  const { processes } = sandbox.manifest.spec.limits;
  return { outer, command: { workdir, argv, processes: cgroup ? undefined : processes } };
}
