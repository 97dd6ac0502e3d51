import { z } from 'zod';

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

export const appErrorDataSchema = z.object({
  code: z.enum(errorCodes),
  /** What went wrong, in the user's words. */
  message: z.string(),
  /** What to do about it. */
  hint: z.string().optional(),
  /** Facts for the program that called, e.g. `{ field: 'spec.name' }`. */
  details: z.record(z.string(), z.json()).optional(),
});

export type AppErrorData = z.infer<typeof appErrorDataSchema>;

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

/** Narrows a caught value; `code` asks for one kind of error as well. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
