import type { ProcMark } from '../../lib/proc.ts';
import { buildEnvironment, checkWorkdir, type Environment, resolveProgram } from './environment.ts';
import type { Launch, Launcher, LocalSandbox, Program, ProgramRole } from './launcher.ts';
import type { Marker } from './marker.ts';

export interface PreparedLaunch extends Launch {
  /** Goes in front of `argv`: it sets the mark and the rlimits. */
  readonly prefix: readonly string[];
}

export type PrepareLaunch = (
  sandbox: LocalSandbox,
  request: {
    readonly role: ProgramRole;
    readonly argv: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly workdir?: string | undefined;
    readonly mark: ProcMark;
  },
) => Promise<PreparedLaunch>;

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
  const locate = launcher.locate ?? locateHere;
  return async (sandbox, { role, argv, env: execEnv = {}, workdir: asked, mark }) => {
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
    const path = role === 'holder' ? (argv[0] ?? '') : await locate(sandbox, program);
    const located = role === 'main' ? { ...program, argv: [path, ...argv.slice(1)] } : program;
    const launch = (await launcher.launch?.(sandbox, located)) ?? {
      argv: located.argv,
      env,
      cwd: located.workdir,
    };
    const rlimits = launcher.rlimits?.(spec.limits, sandbox) ?? spec.limits;
    return { ...launch, prefix: await marker.prefix(mark, rlimits) };
  };
}

async function locateHere(_sandbox: LocalSandbox, { argv, env, workdir }: Program): Promise<string> {
  await checkWorkdir(workdir);
  return resolveProgram(argv[0] ?? '', env.PATH, workdir);
}
