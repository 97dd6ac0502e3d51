import { ORPCError, ValidationError } from '@orpc/server';
import { APP_ERROR } from '../../shared/contract/base.ts';
import { AppError, toErrorData } from '../../shared/model/error.ts';
import { toAppError } from '../lib/error-reference.ts';
import type { Log } from '../lib/log.ts';

/** Any caught value in the one form in which errors cross the contract. */
export function toWireError(error: unknown, log: Log): ORPCError<string, unknown> {
  const known = toInputError(error) ?? toAppError(error, log);
  return new ORPCError(APP_ERROR, { defined: true, status: 400, message: known.message, data: toErrorData(known) });
}

/** What the contract's schemas refused, naming the first field that is wrong. */
function toInputError(error: unknown): AppError | null {
  if (!(error instanceof ORPCError) || !(error.cause instanceof ValidationError) || error.code !== 'BAD_REQUEST')
    return null;
  const [issue] = error.cause.issues;
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)) ?? [];
  const field = path.join('.') || 'input';
  return new AppError('invalid_input', `${field}: ${issue?.message ?? 'not valid'}`, {
    hint: 'Correct this field and try again.',
    details: { field },
  });
}
