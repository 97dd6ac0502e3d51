import { constants } from 'node:os';
import { diskFull, isDiskFull } from '../../lib/disk-full.ts';

const asked = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Asked = (typeof asked)[number];

/**
 * The same signal so soon is the same request, and no impatience: `timeout` signals the command it runs and then its process
 * group. Of a closed terminal both the kernel and shells tell, the latter when they come to it.
 */
const REPEATED_MS: Readonly<Record<Asked, number>> = { SIGINT: 200, SIGTERM: 200, SIGHUP: Number.POSITIVE_INFINITY };

/** How this program is asked to end, or when nobody reads what it says any more (`| head`), or it cannot be written. */
export interface Interruption {
  /** Aborted then. The work ends in order; asked once more, the program ends at once. */
  readonly signal: AbortSignal;
  /**
   * What is asked next goes to `receiver` instead, once; where that rejects, it ends this program all the same. Call the
   * result when there is nobody any more to receive it.
   */
  readonly passNext: (receiver: (name: Asked) => Promise<void>) => () => void;
}

/** `now`: in milliseconds. */
export function interruption(now: () => number = () => performance.now()): Interruption {
  const abort = new AbortController();
  let receive: ((name: Asked) => Promise<void>) | undefined;
  const end = (name: Asked) => {
    if (abort.signal.aborted) process.exit(128 + constants.signals[name]);
    abort.abort(name);
  };
  /** The terminal is closed, and who receives that may take its time to end. */
  let hungUp = false;
  const heardAt = new Map<Asked, number>();
  const ask = (name: Asked) => {
    const before = heardAt.get(name);
    if (before !== undefined && now() - before < REPEATED_MS[name]) return;
    heardAt.set(name, now());
    const pass = receive;
    receive = undefined;
    if (name === 'SIGHUP' && pass) hungUp = true;
    if (pass) pass(name).catch(() => end(name));
    else end(name);
  };
  for (const name of asked) process.on(name, () => ask(name));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (hungUp || abort.signal.aborted) return;
      if (error.code === 'EPIPE') abort.abort('SIGPIPE');
      else abort.abort(isDiskFull(error) ? diskFull('what it says', error) : error);
    });
  }
  return {
    signal: abort.signal,
    passNext(receiver) {
      receive = receiver;
      return () => {
        if (receive === receiver) receive = undefined;
      };
    },
  };
}

/** As a shell says what a signal ended. Throws what it could not go on for otherwise. */
export function endCodeOf({ reason }: AbortSignal): number {
  if (reason instanceof Error) throw reason;
  return 128 + constants.signals[reason as NodeJS.Signals];
}
