import { AppError } from '../../../shared/model/error.ts';
import { diskFull } from '../../lib/disk-full.ts';

/**
 * What the system refused (a full disk, a missing permission), in the model's words. All else stays
 * what it is: an AppError, or the reason of an abort.
 */
export async function inAppErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isSystemError(error) ? toAppError(error) : error;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function toAppError(cause: NodeJS.ErrnoException): AppError {
  const where = cause.path ?? 'a file of the sandbox';
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(where, cause);
    case 'EMFILE':
    case 'ENFILE':
      return new AppError('limit_exceeded', 'Too many files are open on this machine.', { cause });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ELOOP':
      return new AppError('denied', `The system does not allow access to ${where} (${cause.code}).`, { cause });
    default:
      return new AppError('internal', `The system refused: ${cause.message}`, { cause });
  }
}
