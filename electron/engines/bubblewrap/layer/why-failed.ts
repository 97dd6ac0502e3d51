import { isAppError } from '../../../../shared/model/error.ts';

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it is larger than the file system allows',
  EACCES: 'you may not read or write there',
  EPERM: 'the system does not allow it; it may belong to another user',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'its name is too long for the file system',
  EBUSY: 'it is in use, e.g. something is mounted there',
  ENOTEMPTY: 'something was put into the folder meanwhile',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'it is gone',
  EINVAL: 'the file system does not take it',
  EILSEQ: 'the file system does not take its name',
};

/** In the user's words, without this host's own paths. */
export function whyFailed(error: unknown): string {
  if (isAppError(error)) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && words[code]) || code || message;
}
