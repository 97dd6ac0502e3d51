import { ORPCError } from '@orpc/client';
import { AppError, appErrorDataSchema, fromErrorData, toAppError } from '../../../shared/model/error.ts';

export function disconnected(cause?: unknown): AppError {
  return new AppError('disconnected', 'The connection to Terrarium’s host was lost', {
    hint: 'Try again: each call makes a new one where there is none.',
    cause,
  });
}

/** Whatever a call threw, as the one kind of error that scripts meet. */
export function failureOf(error: unknown, { aborted, open }: { readonly aborted: boolean; readonly open: boolean }) {
  if (error instanceof AppError) return error;
  if (error instanceof ORPCError) {
    const data = appErrorDataSchema.safeParse(error.data);
    if (data.success) return fromErrorData(data.data);
  }
  if (aborted) return new AppError('cancelled', 'Cancelled', { cause: error });
  return open ? toAppError(error) : disconnected(error);
}
