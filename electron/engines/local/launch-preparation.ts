import type { ProcMark } from '../../lib/proc.ts';
import { buildEnvironment, checkWorkdir, type Environment, resolveProgram } from './environment.ts';
import type { Launch, Launcher, LocalSandbox, Program, ProgramRole } from './launcher.ts';
import type { Marker } from './marker.ts';

export interface PreparedLaunch extends Launch {
  /** Goes in front of `argv`: it sets the mark and the rlimits. */
  readonly prefix: readonly string[];
}

export interface LaunchRequest {
  readonly role: ProgramRole;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string | undefined;
  readonly mark: ProcMark;
}

export type PrepareLaunch = (sandbox: LocalSandbox, request: LaunchRequest) => Promise<PreparedLaunch>;

/**
 * Turns what was asked for into what is spawned. The program is looked up first, so that a wrong name
 * is an error of its own and not an exit code. An exec's and a console's `argv[0]` stays what was asked for.
 */
export function createPrepareLaunch({
  launcher,
  marker,
}: {
  readonly launcher: Launcher;
  readonly marker: Marker;
}): PrepareLaunch {
  return async (sandbox, request) => {
    const { spec } = sandbox.manifest;
    const program = await describeProgram(launcher, sandbox, request);
    const launch = (await launcher.launch?.(sandbox, program)) ?? {
      argv: program.argv,
      env: program.env,
      cwd: program.workdir,
    };
    const rlimits = launcher.rlimits?.(spec.limits, sandbox) ?? spec.limits;
    return { ...launch, prefix: await marker.prefix(request.mark, rlimits) };
  };
}

/** The program in full. Throws where it does not exist, see `Launcher.locate`. */
export async function describeProgram(
  launcher: Launcher,
  sandbox: LocalSandbox,
  { role, argv, env: execEnv = {}, workdir: asked, mark }: LaunchRequest,
): Promise<Program> {
  const { spec, workspace, id } = sandbox.manifest;
  const built = buildEnvironment({
    id,
    workspace,
    temporary: sandbox.paths.temporary,
    specEnv: spec.env,
    execEnv,
  });
  const env: Environment = launcher.environment?.(sandbox, built) ?? built;
  const program: Program = { role, argv, env, workdir: asked ?? spec.workdir ?? workspace, mark };
  // A holder is the launcher's own program.
  const path = role === 'holder' ? (argv[0] ?? '') : await (launcher.locate ?? locateHere)(sandbox, program);
  return role === 'main' ? { ...program, argv: [path, ...argv.slice(1)] } : program;
}

async function locateHere(_sandbox: LocalSandbox, { argv, env, workdir }: Program): Promise<string> {
  await checkWorkdir(workdir);
  return resolveProgram(argv[0] ?? '', env.PATH, workdir);
}
