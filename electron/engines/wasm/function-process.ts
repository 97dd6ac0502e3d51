import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { createUnframer, frame } from './runner/function/framing.ts';
import { type FromRunner, MOST_LOGS, MOST_RESULT, type ToRunner } from './runner/function/protocol.ts';

/** JSON takes six bytes for a character that it escapes. */
const MOST_MESSAGE = 8 * (MOST_RESULT + MOST_LOGS);

const badEndings = [
  z.object({ type: z.literal('threw'), name: z.string(), message: z.string(), stack: z.string() }),
  z.object({ type: z.literal('limit'), limit: z.enum(['fuel', 'memoryBytes']) }),
] as const;
const refusalSchema = z.discriminatedUnion('type', badEndings);
const endingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('returned'), result: z.string() }),
  ...badEndings,
]);
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded') }),
  z.object({ type: z.literal('refused'), outcome: refusalSchema }),
  z.object({
    type: z.literal('answer'),
    answer: z.object({
      outcome: endingSchema,
      logs: z.array(z.object({ stream: z.enum(['stdout', 'stderr']), text: z.string() })),
      truncated: z.boolean(),
      durationMs: z.number(),
      cpuMs: z.number(),
      peakMemoryBytes: z.number().nullable(),
      fuelConsumed: z.number().nullable(),
    }),
  }),
]) satisfies z.ZodType<FromRunner>;
export interface FunctionProcess {
  readonly pid: number;
  /** Sends a message and gives the one that comes back. One at a time. Aborted, it kills the process and rejects with the reason. */
  readonly ask: (message: ToRunner, signal: AbortSignal) => Promise<FromRunner>;
  /** Resolves after its end. Never rejects. */
  readonly ended: Promise<void>;
  readonly kill: () => Promise<void>;
}

/** A runner that serves, in a process that ends with this one. */
export async function startFunctionProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<FunctionProcess> {
  const [file = '', ...args] = argv;
  // What the process itself has to say is of no guest: it goes where the host's own goes.
  const child = spawn(file, args, { cwd: '/', env, stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] });
  const gone = Promise.withResolvers<void>();
  child.once('exit', () => gone.resolve());
  child.once('error', () => gone.resolve());
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new AppError('internal', `The function’s process could not be started: ${String(cause)}`, { cause });
  }
  const [channel, lifeline] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
  let waiting: PromiseWithResolvers<FromRunner> | undefined;
  const settle = (use: (waiter: PromiseWithResolvers<FromRunner>) => void) => {
    const waiter = waiting;
    waiting = undefined;
    if (waiter) use(waiter);
  };
  const kill = () => {
    child.kill('SIGKILL');
    return gone.promise;
  };

  const unframe = createUnframer(MOST_MESSAGE);
  channel.on('data', (chunk: Buffer) => {
    try {
      for (const message of unframe(chunk)) {
        const parsed = messageSchema.parse(message);
        settle(({ resolve }) => resolve(parsed));
      }
    } catch (cause) {
      void kill();
      settle(({ reject }) =>
        reject(new AppError('internal', 'The function’s process said something unknown.', { cause })),
      );
    }
  });
  // It is over with its process, and that is told there.
  for (const pipe of [channel, lifeline]) pipe.on('error', () => undefined);
  lifeline.resume();
  // What it said last comes before the end of its channel.
  const closed = new Promise((resolve) => channel.once('close', resolve));
  const ended = Promise.all([gone.promise, closed]).then(() => {
    lifeline.destroy();
    settle(({ reject }) => reject(new AppError('internal', 'The function’s process has ended by itself.')));
  });

  return {
    pid: child.pid ?? 0,
    ended,
    kill: async () => {
      await kill();
      await ended;
    },
    async ask(message, signal) {
      signal.throwIfAborted();
      if (waiting) throw new AppError('conflict', 'The function’s instance is busy with another invocation.');
      if (child.exitCode !== null || child.signalCode !== null)
        throw new AppError('internal', 'The function’s process has ended by itself.');
      const waiter = Promise.withResolvers<FromRunner>();
      waiting = waiter;
      const onAbort = () => {
        void kill();
        settle(({ reject }) => reject(signal.reason));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      channel.write(frame(message));
      try {
        return await waiter.promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
