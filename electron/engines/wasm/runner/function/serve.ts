import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Job } from '../../job.ts';
import { createGauge, type Gauge } from '../gauge.ts';
import { createGuestFiles, type GuestFiles } from '../guest-files.ts';
import { bounded } from './failure.ts';
import { createUnframer, frame } from './framing.ts';
import type { Capture } from './output.ts';
import {
  type Answer,
  CHANNEL_FD,
  type Ending,
  type FromRunner,
  LIFELINE,
  MOST_RESULT,
  type ToRunner,
} from './protocol.ts';

const MICROSECONDS = 1000;
/** A host does not send more than this to load. */
const MOST_MESSAGE = 64 * 1024 * 1024;

export interface HandlerOptions {
  readonly job: Job;
  readonly files: GuestFiles;
  readonly gauge: Gauge;
  readonly load: Extract<ToRunner, { readonly type: 'load' }>;
}

/** Code that is loaded. What `invoke` throws is the end of it. */
export type Handler =
  | {
      readonly capture: Capture;
      readonly invoke: (payload: string) => Promise<Ending> | Ending;
      /** After each invocation: makes it as it was before, or another like it. */
      readonly renew: () => Promise<void>;
    }
  | { readonly refused: Ending };
type Ready = Exclude<Handler, { readonly refused: Ending }>;

/** Loads the code that the host sends, then answers one invocation after the other. Ends with the host. */
export async function serve(job: Job): Promise<void> {
  // A guest that never gives this thread back must not keep the process from seeing that its host is gone.
  new Worker(new URL(import.meta.url.replace(/serve\.(ts|js)$/, 'lifeline.$1')), {
    env: {},
    workerData: LIFELINE,
  });
  const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  const send = (message: FromRunner) => new Promise<void>((resolve) => channel.write(frame(message), () => resolve()));

  const gauge = createGauge(job);
  let handler: Ready | undefined;
  const take = async (message: ToRunner) => {
    if (message.type === 'load') {
      const loaded = await load({ job, files: createGuestFiles(job.roots), gauge, load: message });
      if ('refused' in loaded) {
        const { refused } = loaded;
        if (refused.type !== 'returned') await send({ type: 'refused', outcome: cut(refused) });
        process.exit(0);
      }
      handler = loaded;
      await send({ type: 'loaded' });
      return;
    }
    if (!handler) throw new TypeError('nothing is loaded');
    const { answer, isOver } = await invoke(handler, gauge, message.payload);
    await send({ type: 'answer', answer });
    if (isOver) process.exit(0);
    await handler.renew();
  };

  const unframe = createUnframer(MOST_MESSAGE);
  for await (const chunk of channel) {
    for (const message of unframe(chunk)) await take(message as ToRunner);
  }
  process.exit(0);
}

async function load(options: HandlerOptions): Promise<Handler> {
  const { gauge, job } = options;
  try {
    if (job.runtime === 'quickjs') return await (await import('./serve-quickjs.ts')).serveQuickJs(options);
    if (job.runtime === 'python') return await (await import('./serve-python.ts')).servePython(options);
    return await (await import('./serve-wasi.ts')).serveWasi(options);
  } catch (error) {
    return { refused: endOf(error, gauge) };
  }
}

async function invoke(
  handler: Ready,
  gauge: Gauge,
  payload: string,
): Promise<{ readonly answer: Answer; readonly isOver: boolean }> {
  const { capture } = handler;
  capture.begin(Buffer.from(payload));
  gauge.begin();
  const cpu = process.cpuUsage();
  const began = performance.now();
  let outcome: Ending;
  let isOver = false;
  try {
    outcome = checked(await handler.invoke(payload));
  } catch (error) {
    isOver = true;
    outcome = endOf(error, gauge);
  }
  const durationMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  // What hit a limit may have said something else about it.
  const limit = outcome.type === 'threw' ? gauge.limitHit() : null;
  if (limit !== null) outcome = { type: 'limit', limit };
  return {
    isOver: isOver || outcome.type === 'limit',
    answer: {
      outcome: cut(outcome),
      ...capture.logs(),
      durationMs,
      cpuMs: (user + system) / MICROSECONDS,
      peakMemoryBytes: gauge.memoryBytes(),
      fuelConsumed: gauge.fuelConsumed(),
    },
  };
}

const cut = <T extends Ending>(outcome: T): T =>
  outcome.type === 'threw' ? { ...outcome, ...bounded(outcome) } : outcome;

function endOf(error: unknown, gauge: Gauge): Exclude<Ending, { readonly type: 'returned' }> {
  const limit = gauge.limitHit();
  if (limit !== null) return { type: 'limit', limit };
  // Its stack is of this side, and nobody's business.
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { type: 'threw', name, message, stack: '' };
}

/** A guest can have changed what makes JSON for it. */
function checked(outcome: Ending): Ending {
  if (outcome.type !== 'returned') return outcome;
  const size = Buffer.byteLength(outcome.result);
  if (size > MOST_RESULT) {
    const message = `the result is ${size} bytes of JSON, and at most ${MOST_RESULT} are taken`;
    return { type: 'threw', name: 'RangeError', message, stack: '' };
  }
  try {
    JSON.parse(outcome.result);
    return outcome;
  } catch (error) {
    const message = `the result is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { type: 'threw', name: 'SyntaxError', message, stack: '' };
  }
}
