import { ORPCError } from '@orpc/client';
import { APP_ERROR, AppError, errorCodes, fromErrorData } from '../../../shared/model/app-error.ts';
import type { AppErrorData } from '../../../shared/model/error.ts';

export function disconnected(): AppError {
  return new AppError('disconnected', 'The connection to Terrarium’s host was lost.', {
    hint: 'The page connects again by itself. Try once more in a moment.',
  });
}

function isErrorData(data: unknown): data is AppErrorData {
  return (
    typeof data === 'object' &&
    data !== null &&
    'message' in data &&
    typeof data.message === 'string' &&
    'code' in data &&
    errorCodes.some((code) => code === data.code)
  );
}

/** Turns whatever a call threw into the one kind of error that the page shows. */
export function toAppError(error: unknown, context: { readonly aborted: boolean; readonly open: boolean }): AppError {
  if (error instanceof AppError) return error;
  if (context.aborted) return new AppError('cancelled', 'Cancelled.', { cause: error });
  if (error instanceof ORPCError) {
    if (error.code === APP_ERROR && isErrorData(error.data)) return fromErrorData(error.data);
    return new AppError('internal', error.message, { details: { code: String(error.code) }, cause: error });
  }
  if (!context.open) return disconnected();
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
