import type { ErrorCode } from '../../shared/model/error.ts';

/** What an AppError is over HTTP. 499 is what servers write down for a caller who has gone. */
export const httpStatus: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  denied: 403,
  not_found: 404,
  conflict: 409,
  unsupported: 422,
  limit_exceeded: 429,
  cancelled: 499,
  internal: 500,
  disconnected: 502,
  engine_unavailable: 503,
  timeout: 504,
};
