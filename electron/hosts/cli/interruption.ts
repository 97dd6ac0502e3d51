import { constants } from 'node:os';

const asked = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborted when this program is asked to end, or when nobody reads what it says any more (`| head`). The work then ends
 * in order; asked once more, the program ends at once.
 */
export function interruption(): AbortSignal {
  const abort = new AbortController();
  const end = (name: NodeJS.Signals) => {
    if (abort.signal.aborted) process.exit(128 + constants.signals[name]);
    abort.abort(name);
  };
  for (const name of asked) process.on(name, () => end(name));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!abort.signal.aborted) abort.abort('SIGPIPE');
    });
  }
  return abort.signal;
}

/** As a shell says what a signal ended. */
export const endCodeOf = ({ reason }: AbortSignal): number => 128 + constants.signals[reason as NodeJS.Signals];
