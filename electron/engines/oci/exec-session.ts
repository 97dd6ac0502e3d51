import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { OciClient } from './client.ts';
import { commandFailure, engineMessage, isGone } from './errors.ts';
import { type ExecMarker, killMarked } from './exec-kill.ts';
import { exitOf } from './exit.ts';
import { rememberSession } from './open-sessions.ts';
import { post } from './request.ts';
import { surviveUnreadInput } from './unread-input.ts';

export interface ExecOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string | undefined;
  readonly marker: ExecMarker;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One command that the engine runs in a container, with the stream that it hijacked for it. */
export interface ExecSession {
  /** Raw with a terminal, multiplexed without. Its errors are seen to; they end it. */
  readonly socket: Duplex;
  readonly state: () => Promise<ExecState>;
  /** Waits until the engine, too, knows that the command is over. */
  readonly exit: () => Promise<{ readonly exit: Exit; readonly started: boolean }>;
  readonly resize: (cols: number, rows: number) => Promise<void>;
  /** Ends the command and all that it started. Never throws. */
  readonly kill: () => Promise<void>;
}

export interface ExecState {
  readonly running: boolean;
  /** On the daemon's machine; 0: not started yet, failed to, or over where the engine forgets it then. */
  readonly pid: number;
  /** It ended, or never began and never will. */
  readonly over: boolean;
  readonly code: number | null;
}

/** Exit codes that engines give to a command that never ran. */
export const NOT_STARTED = new Set([126, 127, 128, 255]);

export async function startExec(client: OciClient, ref: string, options: ExecOptions): Promise<ExecSession> {
  const { argv, env, marker, workdir, tty, stdin, signal } = options;
  const { dialect } = client;
  const exec: Dockerode.Exec = await client.call(
    'prepare the command',
    (docker, abortSignal) =>
      docker.getContainer(ref).exec({
        Cmd: [...argv],
        Env: Object.entries({ ...env, [marker.name]: marker.value }).map(([name, value]) => `${name}=${value}`),
        ...(workdir === undefined ? {} : { WorkingDir: workdir }),
        AttachStdin: stdin,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        abortSignal,
      }),
    { signal },
  );
  // Without a signal: an abort would leave open whether it started. Who aborts kills by the marker.
  let starting: Promise<Duplex> | undefined;
  const socket = await client
    .call('start the command', () => {
      starting = exec.start({ hijack: true, stdin, Detach: false, Tty: tty });
      return starting;
    })
    .catch((error: unknown) => {
      void endUnheard(client, ref, marker, starting);
      throw error;
    });
  surviveUnreadInput(socket, { resetIsEnd: client.local });
  rememberSession(client, ref, socket);
  const close = () => socket.destroy();
  client.disposed.addEventListener('abort', close, { once: true });
  socket.on('error', (error) => client.log.debug({ reason: engineMessage(error) }, 'an exec’s stream broke'));
  socket.once('close', () => client.disposed.removeEventListener('abort', close));

  const state = async (): Promise<ExecState> => {
    const info = await client.call('look at the command', (_docker, abortSignal) => exec.inspect({ abortSignal }));
    const over = dialect.execKeepsPid ? !info.Running && info.ExitCode !== null : info.CanRemove;
    return { running: info.Running, pid: info.Pid, code: info.ExitCode, over };
  };

  return {
    socket,
    state,
    async exit() {
      // The stream may end a moment before the engine has noted the exit.
      for (let wait = 2; ; wait = Math.min(wait * 2, 250)) {
        try {
          const { code, pid, over } = await state();
          if (over && code !== null) {
            dialect.execOver(exec.id);
            return { exit: exitOf(code), started: !dialect.execKeepsPid || pid !== 0 || !NOT_STARTED.has(code) };
          }
        } catch (error) {
          // The container is gone and its execs with it.
          if (isGone(error)) return { exit: exitOf(null), started: true };
          throw error;
        }
        await sleep(wait);
      }
    },
    async resize(cols, rows) {
      const query = { h: rows, w: cols };
      await client.call('resize the terminal', (docker, abortSignal) =>
        post(docker, `/exec/${exec.id}/resize`, { query, abortSignal }),
      );
    },
    async kill() {
      const root = await findRoot(state);
      await killMarked(client, ref, marker.value, root);
      dialect.execOver(exec.id);
    },
  };
}

/** As long as an engine may take to note the process of a command that has just begun. */
const NOTED_MS = 2000;
const NOTED_POLL_MS = 10;

/** The command's first process; 0 when it is over, or gone with its container or daemon: its mark is looked for all the same. */
async function findRoot(state: ExecSession['state']): Promise<number> {
  for (const end = Date.now() + NOTED_MS; Date.now() < end; await sleep(NOTED_POLL_MS)) {
    const found = await state().catch(() => null);
    if (!found?.running) return 0;
    if (found.pid !== 0) return found.pid;
  }
  return 0;
}

/**
 * Ends a command whose start failed as far as anybody here knows: it may run all the same, or begin
 * when the daemon comes round. Never throws.
 */
async function endUnheard(
  client: OciClient,
  ref: string,
  marker: ExecMarker,
  starting: Promise<Duplex> | undefined,
): Promise<void> {
  await killMarked(client, ref, marker.value, 0);
  const late = await starting?.catch(() => null); // it failed for good, and was told of
  if (!late) return;
  late.on('error', (error) => client.log.debug({ reason: engineMessage(error) }, 'a late exec’s stream broke'));
  late.destroy();
  await killMarked(client, ref, marker.value, 0);
}

/** Whether text is what the runtime says of a program that it cannot start, or may become that. */
export function mayBeFailure({ dialect }: OciClient, text: string): boolean {
  return dialect.runtimeFailures.some((begin) => text.startsWith(begin) || begin.startsWith(text));
}

/** What a command that never ran failed of, from the runtime's text. */
export function notStarted(client: OciClient, text: string, argv: readonly string[]): AppError {
  const known = client.dialect.runtimeFailures.some((begin) => text.includes(begin)) || text.includes('exec: "');
  if (known) return commandFailure(text.trim());
  return new AppError('invalid_input', `“${argv[0]}” could not be started`, {
    details: { field: 'command', engine: text.trim().slice(0, 1000) },
  });
}
