import { type AppErrorData, isAppError, toErrorData } from '../../../shared/model/error.ts';

/** What a call failed with; throws when it did not fail with an AppError. */
export async function failure(call: Promise<unknown>): Promise<AppErrorData> {
  try {
    await call;
  } catch (error) {
    if (isAppError(error)) return toErrorData(error);
    throw error;
  }
  throw new Error('the call was expected to fail');
}
