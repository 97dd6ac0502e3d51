import { AppError, isAppError } from '../../../shared/model/error.ts';
import { diskFull, isDiskFull } from '../disk-full.ts';

type Make = (path: string) => AppError;

const meanings: Readonly<Record<string, Make>> = {
  ENOENT: (path) => notFound(path),
  ENOTDIR: (path) => new AppError('conflict', `A part of ${path} is not a folder.`),
  EISDIR: (path) => new AppError('conflict', `${path} is a folder.`),
  EEXIST: (path) => new AppError('conflict', `There is something at ${path} already.`),
  ENOTEMPTY: (path) => new AppError('conflict', `The folder ${path} is not empty.`, { hint: 'Remove it recursively.' }),
  ELOOP: (path) => new AppError('conflict', `${path} was exchanged for a link meanwhile, or leads back to itself.`),
  EFBIG: (path) => new AppError('limit_exceeded', `${path} is larger than the file system allows.`),
  EMFILE: () => new AppError('limit_exceeded', 'Too many files are open on this machine.'),
  ENFILE: () => new AppError('limit_exceeded', 'Too many files are open on this machine.'),
  EACCES: (path) => refused(path),
  EPERM: (path) => refused(path),
  EROFS: (path) => readOnly(path),
  EBUSY: (path) => new AppError('conflict', `${path} is in use, e.g. something is mounted there.`),
  EXDEV: (path) => new AppError('unsupported', `${path} lies on another file system.`, { hint: 'Copy it instead.' }),
  EINVAL: (path) => new AppError('invalid_input', `${path} cannot be put there.`),
  ENAMETOOLONG: (path) => new AppError('invalid_input', `${path} has a name that is too long.`),
  EILSEQ: (path) => new AppError('invalid_input', `The file system does not take the name of ${path}.`),
};

export const notFound: Make = (path) => new AppError('not_found', `There is no file or folder ${path}.`);

export const readOnly: Make = (path) =>
  new AppError('denied', `${path} is read-only in this sandbox.`, { hint: 'Write to the workspace instead.' });

const refused: Make = (path) =>
  new AppError('denied', `The system does not let this user at ${path}; it may belong to another.`, {
    hint: 'Use a command inside, or change its permissions there.',
  });

/** What the system refused, by the path that was asked for: this machine's own path of it says nothing to anybody. */
export async function inFileErrors<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFileError(path, error);
  }
}

export function toFileError(path: string, error: unknown): unknown {
  if (isAppError(error) || !(error instanceof Error) || !('syscall' in error)) return error;
  const code = String((error as NodeJS.ErrnoException).code);
  const known =
    (isDiskFull(error) ? diskFull(path, error) : meanings[code]?.(path)) ??
    new AppError('internal', `${path}: the system refused (${code}).`);
  return new AppError(known.code, known.message, { hint: known.hint, details: { path }, cause: error });
}
