import { AppError, isAppError } from '../../shared/model/error.ts';
import { diskFull, isDiskFull } from './disk-full.ts';
import { newId } from './id.ts';
import type { Log } from './log.ts';

/**
 * Any caught value as an AppError. What nobody foresaw is logged with its stack and becomes
 * `internal` with a reference to that log line, so that nothing private reaches the page.
 */
export function toAppError(error: unknown, log: Log): AppError {
  if (isAppError(error)) return error;
  // What a signal is aborted with when its caller has gone.
  if (error instanceof Error && error.name === 'AbortError') {
    return new AppError('cancelled', 'Given up by whoever asked for it', { cause: error });
  }
  // Nobody has to look up what that was; and the log could not be written either.
  if (isDiskFull(error)) return diskFull('path' in error ? String(error.path) : 'what Terrarium keeps', error);
  const reference = newId('err');
  log.error({ err: error, reference }, 'unexpected error');
  return new AppError('internal', `Something went wrong inside Terrarium (${reference})`, {
    hint: `The log has the details under ${reference}.`,
    details: { reference },
    cause: error,
  });
}
