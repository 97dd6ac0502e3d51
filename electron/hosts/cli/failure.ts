import { constants } from 'node:os';
import { ORPCError } from '@orpc/client';
import { AppError, appErrorDataSchema, fromErrorData, toAppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { exitCodes } from './exit-codes.ts';
import { plain } from './output.ts';

/** Whatever a command failed with. A connection that broke is `disconnected`. */
export function failureOf(error: unknown): AppError {
  if (error instanceof ORPCError) {
    const data = appErrorDataSchema.safeParse(error.data);
    if (data.success) return fromErrorData(data.data);
  }
  if (
    error instanceof Error &&
    /websocket|connection.*clos|aborted/i.test(error.message) &&
    !(error instanceof AppError)
  ) {
    return new AppError('disconnected', 'The connection to Terrarium’s host was lost', { hint: 'Try again.' });
  }
  return toAppError(error);
}

/** As a shell says how a program ended: its code, or 128 and the signal's number. */
export function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** Says on stderr what went wrong and what to do, in a line each, and gives the code to end with. */
export function tellFailure(error: unknown, code?: number): number {
  const failure = failureOf(error);
  process.stderr.write(`terrarium: ${plain(failure.message)}\n`);
  if (failure.hint !== undefined) process.stderr.write(`${plain(failure.hint)}\n`);
  return code ?? exitCodes[failure.code];
}
