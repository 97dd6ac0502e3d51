import { StringDecoder } from 'node:string_decoder';
import type { CommandSignal, Execution, ExecutionItem } from '../../shared/contract/executions.ts';
import { AppError, toErrorData } from '../../shared/model/error.ts';
import { limitWords } from '../../shared/model/limits.ts';
import type { Exit } from '../../shared/model/sandbox.ts';
import type { ExecControl } from '../engines/engine.ts';
import { type AsyncQueue, createAsyncQueue } from '../lib/async-queue.ts';
import { toAppError } from '../lib/error-reference.ts';
import { newId } from '../lib/id.ts';
import type { Stream } from '../lib/pull-stream.ts';
import { createInputPipe, type InputPipe } from './input-pipe.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import type { Target } from './sandboxes/sandboxes.ts';

export interface RunRequest {
  readonly sandboxId: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string | undefined;
  readonly stdin?: string | undefined;
  /** Standard input comes by `write`. */
  readonly streamInput?: boolean | undefined;
  /** Bytes of output that may be unacknowledged. */
  readonly outputWindow?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly encoding: 'utf8' | 'base64';
  readonly confirmForeign: boolean;
}

export interface Executions {
  /** Starts at once; the stream ends with `ended`. When the reader goes away the command is killed. */
  readonly run: (request: RunRequest) => Stream<ExecutionItem>;
  readonly get: (id: string) => Execution;
  readonly list: (sandboxId: string, limit: number) => readonly Execution[];
  /** Kills the command; a no-op when it has ended. */
  readonly cancel: (id: string) => void;
  /** See the contract; false when it has ended. */
  readonly signal: (id: string, signal: CommandSignal) => Promise<boolean>;
  /** False when the command wants no more. Throws `conflict` for one whose input does not come in pieces. */
  readonly write: (id: string, piece: Uint8Array) => Promise<boolean>;
  readonly endInput: (id: string) => void;
  readonly acknowledge: (id: string, bytes: number) => void;
  /** Kills all that run, and resolves when each has been written down as ended. */
  readonly closeAll: () => Promise<void>;
}

/** Chunks that may wait for the reader before the command is slowed down. */
const BACKLOG = 64;

export function createExecutions(dependencies: ProgramDependencies): Executions {
  const { store, registry, sandboxes, events, activity, log } = dependencies;
  const running = new Map<string, Running>();
  const ends = new Set<Promise<void>>();

  for (const execution of store.executions.running()) {
    const error = new AppError('internal', 'Terrarium ended while the command ran');
    store.executions.put({ ...execution, state: 'failed', error: toErrorData(error), endedAt: Date.now() });
  }

  function run(request: RunRequest): Stream<ExecutionItem> {
    const target = sandboxes.target(request.sandboxId, 'exec', request);
    const abort = new AbortController();
    const cancel = () => abort.abort(new AppError('cancelled', 'The command was cancelled'));
    const output = createOutput(request.encoding, request.outputWindow ?? Number.POSITIVE_INFINITY, cancel);
    const input = request.streamInput ? createInputPipe() : null;
    const counts = { stdout: 0, stderr: 0 };
    const { outputBytes: most = Number.POSITIVE_INFINITY } = target.sandbox.spec?.limits ?? {};
    const flood = new AppError('limit_exceeded', `The command wrote more than ${most} bytes`);
    const control = Promise.withResolvers<ExecControl | null>();
    let execution: Execution = {
      id: newId('exe'),
      sandboxId: request.sandboxId,
      command: [...request.command],
      state: 'running',
      exit: null,
      error: null,
      startedAt: Date.now(),
      endedAt: null,
      stdoutBytes: 0,
      stderrBytes: 0,
    };
    const keep = (change: Partial<Execution>) => {
      execution = { ...execution, ...change, stdoutBytes: counts.stdout, stderrBytes: counts.stderr };
      // A destroyed sandbox has taken its history with it.
      if (registry.find(request.sandboxId)) store.executions.put(execution);
      const { acknowledge } = output;
      running.set(execution.id, { execution, target, control: control.promise, cancel, input, acknowledge });
    };
    keep({});
    output.queue.push({ type: 'started', execution });

    const timer =
      request.timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => abort.abort(new AppError('timeout', `The command ran longer than ${request.timeoutMs} ms`)),
            request.timeoutMs,
          );
    const finish = (change: Partial<Execution>) => {
      clearTimeout(timer);
      keep({ ...change, endedAt: Date.now() });
      running.delete(execution.id);
      control.resolve(null);
      input?.close();
      activity.touch(request.sandboxId);
      output.finish({ type: 'ended', execution });
    };

    const cutShort = (exit: Exit): Exit => {
      events.record('limit_exceeded', `A command hit its limit of ${limitWords.outputBytes}`, {
        sandbox: target.sandbox,
      });
      return { ...exit, limit: 'outputBytes' };
    };

    activity.touch(request.sandboxId);
    const end = target.engine
      .exec(
        target.ref,
        {
          argv: request.command,
          env: request.env,
          workdir: request.workdir,
          stdin: input?.source ?? (request.stdin === undefined ? undefined : Buffer.from(request.stdin)),
        },
        {
          signal: abort.signal,
          onOutput(stream, chunk) {
            const room = most - counts.stdout - counts.stderr;
            const taken = chunk.byteLength > room ? chunk.subarray(0, room) : chunk;
            counts[stream] += taken.byteLength;
            if (taken !== chunk) abort.abort(flood);
            return output.write(stream, taken);
          },
          onStarted: control.resolve,
        },
      )
      .then(
        (exit: Exit) => finish({ state: 'exited', exit: abort.signal.reason === flood ? cutShort(exit) : exit }),
        (error: unknown) => {
          if (error === flood) {
            finish({ state: 'exited', exit: cutShort({ code: null, signal: 'SIGKILL' }) });
            return;
          }
          const known = toAppError(error, log);
          const state = known.code === 'timeout' || known.code === 'cancelled' ? known.code : 'failed';
          finish({ state, error: toErrorData(known) });
        },
      );
    ends.add(end);
    void end.then(() => ends.delete(end));
    return output.queue;
  }

  function get(id: string): Execution {
    const execution = running.get(id)?.execution ?? store.executions.get(id);
    if (!execution) throw new AppError('not_found', `There is no execution ${id}`);
    return execution;
  }

  /** Null when the command is over. */
  function inputOf(id: string): InputPipe | null {
    get(id);
    const found = running.get(id);
    if (found && !found.input) {
      throw new AppError('conflict', 'This command’s input was given when it was started', {
        hint: 'Start it with streamInput to write to it.',
      });
    }
    return found?.input ?? null;
  }

  return {
    run,
    get,
    write: async (id, piece) => (await inputOf(id)?.write(piece)) ?? false,
    endInput: (id) => inputOf(id)?.end(),
    acknowledge: (id, bytes) => running.get(id)?.acknowledge(bytes),
    list: (sandboxId, limit) => store.executions.list(sandboxId, limit),
    cancel: (id) => running.get(id)?.cancel(),
    async signal(id, signal) {
      get(id);
      const found = running.get(id);
      if (!found) return false;
      requireSignals(found.target);
      // It may be about to start.
      return (await (await found.control)?.signal(signal)) ?? false;
    },
    async closeAll() {
      for (const { cancel } of running.values()) cancel();
      await Promise.all(ends);
    },
  };
}

interface Running {
  readonly execution: Execution;
  readonly target: Target;
  /** Null: it ended before it was started. */
  readonly control: Promise<ExecControl | null>;
  readonly cancel: () => void;
  readonly input: InputPipe | null;
  readonly acknowledge: (bytes: number) => void;
}

function requireSignals({ capabilities: { features }, engine }: Target): void {
  const { support, note } = features.execSignals;
  if (support !== 'unsupported') return;
  throw new AppError(
    'unsupported',
    `Commands of ${engine.kind} sandboxes take no signals: ${note ?? 'there are none'}`,
    {
      hint: 'Cancel it: that kills it.',
    },
  );
}

interface Output {
  readonly queue: AsyncQueue<ExecutionItem>;
  readonly write: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>;
  readonly acknowledge: (bytes: number) => void;
  readonly finish: (last: ExecutionItem) => void;
}

/** Decodes output for the reader, and holds the command back while the reader has enough to do. */
function createOutput(encoding: 'utf8' | 'base64', window: number, onGone: () => void): Output {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  // One writer a stream, so there may be several.
  const waiting = new Set<() => void>();
  let unacknowledged = 0;
  let over = false;
  const isFull = () => !over && (inner.size() >= BACKLOG || unacknowledged >= window);
  const goOn = () => {
    if (isFull()) return;
    for (const resume of waiting) resume();
    waiting.clear();
  };
  const inner = createAsyncQueue<ExecutionItem>(() => {
    over = true;
    goOn();
    onGone();
  });
  const queue: AsyncQueue<ExecutionItem> = {
    ...inner,
    async next() {
      const item = await inner.next();
      goOn();
      return item;
    },
    [Symbol.asyncIterator]: () => queue,
  };
  return {
    queue,
    write(stream, chunk) {
      const data =
        encoding === 'base64' ? Buffer.from(chunk).toString('base64') : decoders[stream].write(Buffer.from(chunk));
      if (data !== '') inner.push({ type: stream, data });
      unacknowledged += chunk.byteLength;
      if (!isFull()) return;
      return new Promise((resolve) => {
        waiting.add(resolve);
      });
    },
    acknowledge(bytes) {
      unacknowledged = Math.max(0, unacknowledged - bytes);
      goOn();
    },
    finish(last) {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = decoders[stream].end();
        if (rest !== '') inner.push({ type: stream, data: rest });
      }
      inner.push(last);
      inner.end();
    },
  };
}
