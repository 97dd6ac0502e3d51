import { type IPty, spawn } from '@lydell/node-pty';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { EngineConsole } from '../engine.ts';
import { signalName } from './main-program.ts';
import { keepUnreadOutput } from './pty-drain.ts';

export interface ConsoleStart {
  readonly prefix: readonly string[];
  readonly argv: readonly string[];
  readonly cwd: string;
  /** For a tab. */
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Kills the program with this pid and all that it started. */
  readonly kill: (pid: number) => Promise<unknown>;
}

/** Starts a program on a pseudoterminal: a session leader with the terminal as its own. */
export function startConsole({ prefix, argv, cwd, title, env, cols, rows, kill }: ConsoleStart): {
  readonly console: EngineConsole;
  readonly pid: number;
} {
  const [file = '', ...args] = [...prefix, ...argv];
  let pty: IPty;
  try {
    pty = spawn(file, args, { cwd, env: { ...env }, cols, rows, name: 'xterm-256color', encoding: null });
  } catch (cause) {
    throw new AppError('internal', `The terminal could not be opened: ${String(cause)}`, { cause });
  }

  const reading = keepUnreadOutput(pty);
  let listener: ((chunk: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let ended = false;
  let killing: Promise<void> | undefined;

  pty.onData((data: string | Uint8Array) => {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    if (listener) listener(chunk);
    else early.push(chunk);
  });
  const exited = new Promise<Exit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true;
      const name = signal ? signalName(signal) : null;
      resolve(name === null ? { code: exitCode, signal: null } : { code: null, signal: name });
    });
  });

  const console: EngineConsole = {
    title,
    onOutput(next) {
      listener = next;
      for (const chunk of early) next(chunk);
      early = [];
    },
    write(data) {
      if (!ended) pty.write(data);
    },
    async resize(columns, lines) {
      if (ended) return;
      try {
        pty.resize(columns, lines);
      } catch {
        // EBADF: the program has ended, and its exit is on the way.
      }
    },
    pause: reading.pause,
    resume: reading.resume,
    async kill() {
      killing ??= (async () => {
        await kill(pty.pid);
        reading.drop();
        await exited;
      })();
      await killing;
    },
    exited,
  };
  return { console, pid: pty.pid };
}
