// Without zod, so that the page's first load does without it as well.
import type { AppErrorData } from './error.ts';

/**
 * The oRPC error code under which every AppError travels. The payload carries the AppError itself,
 * so both ends speak of one kind of error only.
 */
export const APP_ERROR = 'APP_ERROR';

/** Every way in which a call can fail, as the page, the CLI and scripts see it. */
export const errorCodes = [
  'invalid_input',
  'not_found',
  'conflict',
  'unsupported',
  'engine_unavailable',
  'denied',
  'limit_exceeded',
  'timeout',
  'cancelled',
  'disconnected',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface AppErrorOptions {
  readonly hint?: string | undefined;
  readonly details?: AppErrorData['details'] | undefined;
  readonly cause?: unknown;
}

/** The one error that crosses the contract; anything else reaches the page as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: AppErrorData['details'] | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}

export function toErrorData(error: AppError): AppErrorData {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}

export function fromErrorData(data: AppErrorData): AppError {
  return new AppError(data.code, data.message, { hint: data.hint, details: data.details });
}

/** What is caught, to be shown: whatever is no AppError is `internal`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** Narrows a caught value; `code` asks for one kind of error as well. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
