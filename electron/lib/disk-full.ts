import { AppError } from '../../shared/model/error.ts';

/** SQLite's result code for a disk without room (sqlite.org/rescode.html); the low byte is the primary code. */
const SQLITE_FULL = 13;

/** Whether a write failed for want of room: of the system, or of SQLite. */
export function isDiskFull(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_FULL;
}

/** `what` could not be written, in the user's words. */
export function diskFull(what: string, cause: Error): AppError {
  const why = 'code' in cause && cause.code === 'EDQUOT' ? 'The disk quota is used up' : 'The disk is full';
  return new AppError('limit_exceeded', `${why}: ${what} could not be written.`, {
    hint: 'Free some space and try again.',
    cause,
  });
}
