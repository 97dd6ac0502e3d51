import { basename } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { killTree, type ProcMark, type ProcTable, untilMarked } from '../../lib/proc.ts';
import type { Engine, EngineRef, ExecRequest } from '../engine.ts';
import { startConsole } from './console.ts';
import { defaultShell } from './environment.ts';
import { startExec, superviseExec } from './exec.ts';
import { controlExec } from './exec-signal.ts';
import { describeProgram, type PreparedLaunch, type PrepareLaunch } from './launch-preparation.ts';
import type { Launcher } from './launcher.ts';
import type { Manifest } from './manifest.ts';
import { nextPart } from './marker.ts';
import { recordProgram } from './program-records.ts';
import { manifestMark, type Registry } from './registry.ts';
import type { StandbyPool } from './standby.ts';

const REFILL_DELAY_MS = 20;

/** A shell that somebody types in knows its user, as after a login. */
function userNames(): Readonly<Record<string, string>> {
  const { USER, LOGNAME } = process.env;
  return { ...(USER === undefined ? {} : { USER }), ...(LOGNAME === undefined ? {} : { LOGNAME }) };
}

/** Commands and consoles in a running sandbox. */
export function createPrograms(options: {
  readonly registry: Registry;
  readonly launcher: Launcher;
  readonly prepare: PrepareLaunch;
  readonly table: ProcTable;
  readonly standbys: StandbyPool;
}): Pick<Engine, 'exec' | 'openConsole'> {
  const { registry, launcher, prepare, table, standbys } = options;

  /**
   * Starts something in the lock, so that nothing can begin in a sandbox that is being stopped. Who
   * starts it calls `forget` after its end.
   */
  const inRunning = <T>(
    ref: EngineRef,
    requestFor: (manifest: Manifest) => {
      readonly role: 'exec' | 'console';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly workdir?: string | undefined;
    },
    start: (context: {
      readonly manifest: Manifest;
      readonly mark: ProcMark & { readonly part: number };
      readonly launch: PreparedLaunch;
      readonly title: string;
      readonly kill: (pid: number) => Promise<unknown>;
      readonly forget: () => Promise<void>;
    }) => Promise<T>,
  ) =>
    registry.locked(ref, async () => {
      const manifest = await registry.settle(ref);
      const { state } = manifest;
      if (state !== 'running') {
        throw new AppError('conflict', `The sandbox is ${state}.`, { hint: 'Commands need a running sandbox.' });
      }
      const request = requestFor(manifest);
      const part = nextPart();
      const mark = { ...manifestMark(manifest), part };
      const env = { ...request.env, TERRARIUM_PROGRAM: String(part) };
      const launch = await prepare(registry.sandbox(manifest), { ...request, env, mark });
      const kill = async (pid: number) => {
        await launcher.endProgram?.(registry.place(ref), part);
        await killTree(table, pid, mark);
      };
      const forget = await recordProgram(registry.paths(ref).programs, table, { mark: manifest.mark, part });
      try {
        const title = basename(request.argv[0] ?? '');
        return await start({ manifest, mark, launch, title, kill, forget });
      } catch (error) {
        await forget();
        throw error;
      }
    });

  type Request = Pick<ExecRequest, 'argv' | 'env' | 'workdir' | 'stdin'>;

  const start = (ref: EngineRef, { argv, env, workdir, stdin }: Request, signal: AbortSignal) => {
    const request = { role: 'exec', argv, env, workdir } as const;
    return inRunning(
      ref,
      () => request,
      async (context) => {
        signal.throwIfAborted();
        const started = await startExec({ ...context.launch, stdin, kill: context.kill });
        await untilMarked(table, started.child.pid ?? 0, context.mark);
        return { ...context, started };
      },
    );
  };

  /** With the process that stands by for the sandbox; null: there is none that can be this command. */
  const takeOver = (ref: EngineRef, { argv, env, workdir, stdin }: Request, signal: AbortSignal) =>
    registry.locked(ref, async () => {
      const manifest = await registry.settle(ref);
      if (manifest.state !== 'running') return null;
      const sandbox = registry.sandbox(manifest);
      const ready = standbys.take(sandbox);
      if (!ready) return null;
      try {
        const { mark } = ready;
        const request = {
          role: 'exec',
          argv,
          env: { ...env, TERRARIUM_PROGRAM: String(mark.part) },
          workdir,
          mark,
        } as const;
        const order = await ready.order(sandbox, await describeProgram(launcher, sandbox, request));
        signal.throwIfAborted();
        if (order) {
          ready.started.child.ref();
          ready.begin(order, stdin);
          return { manifest, ...ready };
        }
      } catch (error) {
        await ready.discard();
        throw error;
      }
      await ready.discard();
      return null;
    });

  return {
    async exec(ref, request, io) {
      const { manifest, mark, started, forget } =
        (await takeOver(ref, request, io.signal)) ?? (await start(ref, request, io.signal));
      if (launcher.takesSignals !== false) {
        const sandbox = registry.sandbox(manifest);
        io.onStarted?.(controlExec({ launcher, table, sandbox, child: started.child, part: mark.part }));
      }
      try {
        return await registry.explainExit(manifest, await superviseExec(started, io), 'exec', mark.part);
      } finally {
        await forget();
        // Starting a process holds this one up: first whoever waits has the answer.
        setTimeout(() => standbys.refill(ref), REFILL_DELAY_MS).unref();
      }
    },

    openConsole(ref, { argv, cols, rows }) {
      const shellOf = launcher.shell ?? (() => ({ argv: [defaultShell()], env: {} }));
      const request = (manifest: Manifest) => {
        const shell = shellOf(registry.sandbox(manifest));
        const env = { TERM: 'xterm-256color', SHELL: defaultShell(), ...userNames(), ...shell.env };
        return { role: 'console', argv: argv ?? shell.argv, env } as const;
      };
      return inRunning(ref, request, async ({ manifest, mark, launch, title, kill, forget }) => {
        const { console, pid } = startConsole({ ...launch, title, cols, rows, kill });
        void console.exited.then(forget);
        await untilMarked(table, pid, mark);
        const exited = console.exited.then(async (exit) => registry.explainExit(manifest, exit, 'console', mark.part));
        return { ...console, exited };
      });
    },
  };
}
