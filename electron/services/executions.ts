import { StringDecoder } from 'node:string_decoder';
import type { Execution, ExecutionItem } from '../../shared/contract/executions.ts';
import { AppError, toErrorData } from '../../shared/model/error.ts';
import { limitWords } from '../../shared/model/limits.ts';
import type { Exit } from '../../shared/model/sandbox.ts';
import { type AsyncQueue, createAsyncQueue } from '../lib/async-queue.ts';
import { toAppError } from '../lib/error-reference.ts';
import { newId } from '../lib/id.ts';
import type { Log } from '../lib/log.ts';
import type { Stream } from '../lib/pull-stream.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity.ts';
import type { Events } from './events.ts';
import type { Registry } from './sandboxes/registry.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

export interface RunRequest {
  readonly sandboxId: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string | undefined;
  readonly stdin?: string | undefined;
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
  /** Kills all that run, and resolves when each has been written down as ended. */
  readonly closeAll: () => Promise<void>;
}

/** Chunks that may wait for the reader before the command is slowed down. */
const BACKLOG = 64;

export function createExecutions(dependencies: {
  readonly store: Store;
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly events: Events;
  readonly activity: Activity;
  readonly log: Log;
}): Executions {
  const { store, registry, sandboxes, events, activity, log } = dependencies;
  const running = new Map<string, { readonly execution: Execution; readonly cancel: () => void }>();
  const ends = new Set<Promise<void>>();

  for (const execution of store.executions.running()) {
    const error = new AppError('internal', 'Terrarium ended while the command ran');
    store.executions.put({ ...execution, state: 'failed', error: toErrorData(error), endedAt: Date.now() });
  }

  function run(request: RunRequest): Stream<ExecutionItem> {
    const target = sandboxes.target(request.sandboxId, 'exec', request);
    const abort = new AbortController();
    const cancel = () => abort.abort(new AppError('cancelled', 'The command was cancelled'));
    const output = createOutput(request.encoding, cancel);
    const counts = { stdout: 0, stderr: 0 };
    const { outputBytes: most = Number.POSITIVE_INFINITY } = target.sandbox.spec?.limits ?? {};
    const flood = new AppError('limit_exceeded', `The command wrote more than ${most} bytes`);
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
      running.set(execution.id, { execution, cancel });
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
          stdin: request.stdin === undefined ? undefined : Buffer.from(request.stdin),
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

  return {
    run,
    get(id) {
      const execution = running.get(id)?.execution ?? store.executions.get(id);
      if (!execution) throw new AppError('not_found', `There is no execution ${id}`);
      return execution;
    },
    list: (sandboxId, limit) => store.executions.list(sandboxId, limit),
    cancel: (id) => running.get(id)?.cancel(),
    async closeAll() {
      for (const { cancel } of running.values()) cancel();
      await Promise.all(ends);
    },
  };
}

interface Output {
  readonly queue: AsyncQueue<ExecutionItem>;
  readonly write: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>;
  readonly finish: (last: ExecutionItem) => void;
}

/** Decodes output for the reader, and holds the command back while the reader has enough to do. */
function createOutput(encoding: 'utf8' | 'base64', onGone: () => void): Output {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  // One writer a stream, so there may be several.
  const waiting = new Set<() => void>();
  const drained = () => {
    for (const resume of waiting) resume();
    waiting.clear();
  };
  let over = false;
  const inner = createAsyncQueue<ExecutionItem>(() => {
    over = true;
    drained();
    onGone();
  });
  const queue: AsyncQueue<ExecutionItem> = {
    ...inner,
    async next() {
      const item = await inner.next();
      if (inner.size() < BACKLOG) drained();
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
      if (inner.size() < BACKLOG || over) return;
      return new Promise((resolve) => {
        waiting.add(resolve);
      });
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
