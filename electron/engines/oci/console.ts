import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { ConsoleRequest, EngineConsole } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage } from './errors.ts';
import type { ExecMarker } from './exec-kill.ts';
import { type ExecSession, type ExecState, NOT_STARTED, notStarted, startExec } from './exec-session.ts';

/** The user's own shell, else the nicest there is. */
const BEST_SHELL = [
  'sh',
  '-c',
  '[ -n "$SHELL" ] && command -v "$SHELL" >/dev/null 2>&1 && exec "$SHELL"; command -v bash >/dev/null 2>&1 && exec bash; exec sh',
];

export async function openExecConsole(
  client: OciClient,
  ref: string,
  marker: ExecMarker,
  { argv, cols, rows }: ConsoleRequest,
): Promise<EngineConsole> {
  const session = await startExec(client, ref, {
    argv: argv ?? BEST_SHELL,
    env: { TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    marker,
    tty: true,
    stdin: true,
  });
  let state: ExecState;
  try {
    state = await untilStarted(client, session, argv);
  } catch (error) {
    await session.kill();
    session.socket.destroy();
    throw error;
  }
  const { socket } = session;
  socket.pause();
  const resizer = createResizer(client, session);
  void resizer.resize(cols, rows);

  const exited = Promise.withResolvers<Exit>();
  let over = false;
  socket.once('close', () => {
    over = true;
    resizer.stop();
    void finalExit(client, session).then(exited.resolve);
  });

  return {
    title: argv ? basename(argv[0] ?? 'console') : shellName(client, state),
    onOutput(listener) {
      socket.on('data', listener);
      socket.resume();
    },
    write(data) {
      if (!over && socket.writable) socket.write(data);
    },
    resize: (width, height) => resizer.resize(width, height),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    async kill() {
      if (!over) {
        await session.kill();
        socket.destroy();
      }
      await exited.promise;
    },
    exited: exited.promise,
  };
}

/** The stream is there before the program is; whether it could start at all is known a moment later. */
async function untilStarted(
  client: OciClient,
  session: ExecSession,
  argv: readonly string[] | undefined,
): Promise<ExecState> {
  for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
    const state = await session.state();
    if (state.pid !== 0) return state;
    if (state.over && state.code !== null) {
      if (!NOT_STARTED.has(state.code)) return state;
      const text = await firstOutput(session);
      if (argv) throw notStarted(client, text, argv);
      throw new AppError('unsupported', 'This image has no shell', {
        hint: 'Open the console with a program that the image has',
        details: { field: 'command', engine: text.slice(0, 1000) },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function firstOutput({ socket }: ExecSession): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.length > 8192) break;
  }
  return text;
}

/** One resize at a time, the newest wins, and one that comes too early is repeated. */
function createResizer(client: OciClient, session: ExecSession) {
  let wanted: { readonly cols: number; readonly rows: number } | null = null;
  let working: Promise<void> | null = null;
  let stopped = false;
  const work = async () => {
    for (let failures = 0; wanted && !stopped; ) {
      const { cols, rows } = wanted;
      wanted = null;
      try {
        await session.resize(cols, rows);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (stopped || failures > 5 || isAppError(error, 'engine_unavailable')) {
          client.log.debug({ reason: engineMessage(error) }, 'a terminal could not be resized');
          return;
        }
        wanted ??= { cols, rows };
        await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** failures));
      }
    }
  };
  return {
    async resize(cols: number, rows: number) {
      if (stopped) return;
      wanted = { cols, rows };
      working ??= work().finally(() => {
        working = null;
      });
      await working;
    },
    stop() {
      stopped = true;
    },
  };
}

async function finalExit(client: OciClient, session: ExecSession): Promise<Exit> {
  try {
    return (await session.exit()).exit;
  } catch (error) {
    client.log.debug({ reason: engineMessage(error) }, 'the end of a console is not known');
    return { code: null, signal: null };
  }
}

/** What the best shell turned out to be, where this host can see it. */
function shellName(client: OciClient, { pid }: ExecState): string {
  if (!client.local || process.platform !== 'linux') return 'sh';
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return name === '' || /^(?:runc|runsc|exe$)/.test(name) ? 'sh' : name;
  } catch {
    return 'sh';
  }
}
