import { AppError } from '../../shared/model/error.ts';

/** Why a path of this machine that somebody named leads nowhere, for this user. `error`: what looking at it failed with. */
export function unreachable(error: unknown, path: string, field: string): AppError {
  const { code } = error as NodeJS.ErrnoException;
  const details = { field };
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('denied', `This user may not look at ${path}`, {
      hint: 'Choose something that you can open yourself, or change its permissions',
      details,
      cause: error,
    });
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('invalid_input', `There is no file or folder ${path} on this machine`, {
      hint: 'Create it first',
      details,
      cause: error,
    });
  }
  if (code === 'ELOOP') {
    return new AppError('invalid_input', `${path} is a link that leads back to itself`, { details, cause: error });
  }
  return new AppError('internal', `${path} cannot be looked at: ${String(error)}`, { details, cause: error });
}
