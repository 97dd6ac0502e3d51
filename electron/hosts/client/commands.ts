import type { CommandSignal, Execution } from '../../../shared/contract/executions.ts';
import { AppError, fromErrorData } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { carryExecution } from './carry-execution.ts';
import type { Client } from './connection.ts';

/** Of each of the two outputs so much is kept for the result, in UTF-16 units; callbacks get all of it. */
export const KEPT_MAX = 16 * 1024 * 1024;

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute, as the sandbox sees it. */
  readonly cwd?: string;
  /** Its standard input, as much as there is; it ends after it. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Killed after so long, with all that it started; the result's `state` is then `timeout`. */
  readonly timeoutMs?: number;
  /** Aborted, the command is killed and the call fails with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Text as it comes; the command is slowed down to what these take. */
  readonly onStdout?: (text: string) => void | Promise<void>;
  readonly onStderr?: (text: string) => void | Promise<void>;
}

export interface CommandResult {
  readonly state: 'exited' | 'timeout' | 'cancelled';
  /** 0 to 255; null when a signal ended it. */
  readonly exitCode: number | null;
  /** With the signal or the limit that ended it. */
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether one of them was longer than what is kept. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** A command under way. */
export interface Command {
  readonly id: string;
  /** How it ended. Throws AppError when it could not be run, or when the connection was lost. */
  readonly wait: () => Promise<CommandResult>;
  /**
   * Kills it with all that it started. With a signal, that is sent to it and its process group instead, and it may go on:
   * `unsupported` where the engine has no signals.
   */
  readonly kill: (signal?: CommandSignal) => Promise<void>;
}

export interface Commands {
  /** A string is run by `sh -c`; a list is the program and its arguments. An exit code other than 0 is no error. */
  readonly run: (command: string | readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** The same, without waiting for its end. */
  readonly start: (command: string | readonly string[], options?: CommandOptions) => Promise<Command>;
}

export function createCommands(client: Client, sandboxId: string): Commands {
  const start: Commands['start'] = async (command, options = {}) => {
    const { env = {}, cwd, stdin, timeoutMs, signal } = options;
    const output = collectOutput(options);
    const started = Promise.withResolvers<string>();
    const ended = carryExecution(
      client,
      {
        sandboxId,
        command: typeof command === 'string' ? ['sh', '-c', command] : [...command],
        env: { ...env },
        ...(cwd === undefined ? {} : { workdir: cwd }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      },
      {
        input: stdin === undefined ? undefined : toBytes(stdin),
        signal,
        onStarted: started.resolve,
        onOutput: output.add,
      },
    ).then(output.result);
    // Told by `wait`, which may be called later than it fails, or never.
    ended.catch(started.reject);
    const id = await started.promise;
    return {
      id,
      wait: () => ended,
      async kill(signal) {
        if (signal === undefined) await client.executions.cancel({ id });
        else await client.executions.signal({ id, signal });
      },
    };
  };
  return { start, run: async (command, options) => (await start(command, options)).wait() };
}

/** What a command says, kept until its end. */
export function collectOutput({ onStdout, onStderr }: Pick<CommandOptions, 'onStdout' | 'onStderr'> = {}): {
  readonly add: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>;
  /** Throws AppError for a command that could not be run. */
  readonly result: (ended: Execution) => Promise<CommandResult>;
} {
  const [stdout, stderr] = [createKeeper(onStdout), createKeeper(onStderr)];
  return {
    add: (stream, bytes) => (stream === 'stdout' ? stdout : stderr).add(bytes),
    async result({ state, exit, error, startedAt, endedAt }) {
      await Promise.all([stdout.end(), stderr.end()]);
      if (state === 'running' || state === 'failed') throw error ? fromErrorData(error) : endedEarly();
      return {
        state,
        exitCode: exit?.code ?? null,
        exit: exit ?? { code: null, signal: null },
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.isCut() || stderr.isCut(),
        durationMs: (endedAt ?? startedAt) - startedAt,
      };
    },
  };
}

/** A stream as it is, so that it can be let go while it is waited for. */
function toBytes(input: NonNullable<CommandOptions['stdin']>): AsyncIterable<Uint8Array> {
  return typeof input === 'string' || input instanceof Uint8Array ? once(Buffer.from(input)) : input;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const endedEarly = () => new AppError('internal', 'Terrarium’s host did not say how the command ended');

/** Text out of bytes: a character that was cut in two comes whole. */
function createKeeper(onText: CommandOptions['onStdout']) {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let length = 0;
  let cut = false;
  const keep = async (text: string) => {
    if (text === '') return;
    const room = KEPT_MAX - length;
    if (text.length > room) cut = true;
    if (room > 0) pieces.push(text.slice(0, room));
    length += Math.min(room, text.length);
    await onText?.(text);
  };
  return {
    add: (bytes: Uint8Array) => keep(decoder.decode(bytes, { stream: true })),
    end: () => keep(decoder.decode()),
    text: () => pieces.join(''),
    isCut: () => cut,
  };
}
