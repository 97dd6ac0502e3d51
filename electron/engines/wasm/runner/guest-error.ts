/** What the kernel would answer, by its name in errno(3), e.g. `ENOENT`. */
export interface GuestError extends Error {
  readonly errno: string;
}

export function guestError(errno: string, path = ''): GuestError {
  return Object.assign(new Error(path === '' ? errno : `${errno}: ${path}`), { errno });
}

/** The errno of whatever a file operation threw: one of ours, or the system's. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'string') return error.errno;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    // What Node's permission model refuses is not there for a guest.
    return error.code === 'ERR_ACCESS_DENIED' ? 'EACCES' : error.code;
  }
  throw error;
}
