import { ORPCError } from '@orpc/client';
import { APP_ERROR } from '../../../shared/contract/base.ts';
import { type AppErrorData, appErrorDataSchema } from '../../../shared/model/error.ts';

/** What a call failed with; throws when it did not fail with an AppError. */
export async function failure(call: Promise<unknown>): Promise<AppErrorData> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ORPCError && error.code === APP_ERROR) return appErrorDataSchema.parse(error.data);
    throw error;
  }
  throw new Error('the call was expected to fail');
}
