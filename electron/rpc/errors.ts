import { ORPCError, ValidationError } from '@orpc/server';
import { APP_ERROR } from '../../shared/contract/base.ts';
import { AppError, type ErrorCode, toErrorData } from '../../shared/model/error.ts';
import { toAppError } from '../lib/error-reference.ts';
import type { Log } from '../lib/log.ts';

export type StatusOf = (code: ErrorCode) => number;

/** The contract's own, of every error: what it is stands in its data. */
const ONE_STATUS: StatusOf = () => 400;

/** Any caught value in the one form in which errors cross the contract. */
export function toWireError(error: unknown, log: Log, statusOf = ONE_STATUS): ORPCError<string, unknown> {
  const known = toInputError(error) ?? toAppError(error, log);
  const status = statusOf(known.code);
  return new ORPCError(APP_ERROR, { defined: true, status, message: known.message, data: toErrorData(known) });
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
