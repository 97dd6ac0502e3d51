import { randomInt } from 'node:crypto';
import { AppError } from '../../../shared/model/error.ts';
import type { Limits } from '../../../shared/model/limits.ts';
import { killTree, type ProcMark, type ProcTable, untilMarked } from '../../lib/proc.ts';
import type { Engine, EngineRef } from '../engine.ts';
import { startConsole } from './console.ts';
import { buildEnvironment, checkWorkdir, defaultShell, resolveProgram } from './environment.ts';
import { startExec, superviseExec } from './exec.ts';
import type { Launcher } from './launcher.ts';
import { nameLimit, PARTS } from './limits.ts';
import { recordProgram } from './program-records.ts';
import { manifestMark, type Registry } from './registry.ts';

/** A shell that somebody types in knows its user, as after a login. */
function userNames(): Readonly<Record<string, string>> {
  const { USER, LOGNAME } = process.env;
  return { ...(USER === undefined ? {} : { USER }), ...(LOGNAME === undefined ? {} : { LOGNAME }) };
}

/** Commands and consoles in a running sandbox. */
export function createPrograms(options: {
  readonly registry: Registry;
  readonly launcher: Launcher;
  readonly table: ProcTable;
}): Pick<Engine, 'exec' | 'openConsole'> {
  const { registry, launcher, table } = options;
  // 0 is the main program. Numbers come again after 4095 programs: those are long gone, but for
  // daemons that one of them left behind.
  let lastPart = randomInt(PARTS);
  const nextPart = () => {
    lastPart = (lastPart % (PARTS - 1)) + 1;
    return lastPart;
  };

  /**
   * Starts something in the lock, so that nothing can begin in a sandbox that is being stopped. The
   * program is looked up first; `argv[0]` stays what was asked for. Who starts it calls `forget` after
   * its end.
   */
  const inRunning = <T>(
    ref: EngineRef,
    request: {
      readonly argv: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly workdir?: string | undefined;
    },
    start: (context: {
      readonly mark: ProcMark;
      readonly prefix: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly workdir: string;
      readonly limits: Limits;
      readonly kill: (pid: number) => Promise<unknown>;
      readonly forget: () => Promise<void>;
    }) => Promise<T>,
  ) =>
    registry.locked(ref, async () => {
      const manifest = await registry.settle(ref);
      const { id, spec, workspace, state } = manifest;
      if (state !== 'running') {
        throw new AppError('conflict', `The sandbox is ${state}.`, { hint: 'Commands need a running sandbox.' });
      }
      const workdir = request.workdir ?? spec.workdir ?? workspace;
      await checkWorkdir(workdir);
      const { temporary, programs } = registry.paths(ref);
      const part = nextPart();
      const mark = { ...manifestMark(manifest), part };
      const execEnv = { ...request.env, TERRARIUM_PROGRAM: String(part) };
      const env = buildEnvironment({ id, workspace, temporary, specEnv: spec.env, execEnv });
      await resolveProgram(request.argv[0] ?? '', env.PATH, workdir);
      const prefix = await launcher.prefix(mark, spec.limits);
      const kill = (pid: number) => killTree(table, pid, mark);
      const forget = await recordProgram(programs, table, { mark: manifest.mark, part });
      try {
        return await start({ mark, prefix, env, workdir, limits: spec.limits, kill, forget });
      } catch (error) {
        await forget();
        throw error;
      }
    });

  return {
    async exec(ref, { argv, env, workdir, stdin }, io) {
      const { started, limits, forget } = await inRunning(ref, { argv, env, workdir }, async (context) => {
        io.signal.throwIfAborted();
        const { directory } = registry.paths(ref);
        const started = await startExec(directory, { ...context, argv, stdin });
        await untilMarked(table, started.child.pid ?? 0, context.mark);
        return { ...context, started };
      });
      try {
        return nameLimit(await superviseExec(started, io), limits);
      } finally {
        await forget();
      }
    },

    openConsole(ref, { argv = [defaultShell()], cols, rows }) {
      const env = { TERM: 'xterm-256color', SHELL: defaultShell(), ...userNames() };
      return inRunning(ref, { argv, env }, async (context) => {
        const { console, pid } = startConsole({ ...context, argv, cols, rows });
        void console.exited.then(context.forget);
        await untilMarked(table, pid, context.mark);
        return console;
      });
    },
  };
}
