import { eventIterator, oc } from '@orpc/contract';
import type { z } from 'zod';
import { APP_ERROR, appErrorDataSchema } from '../model/error.ts';
import '../model/issue-words.ts';

export { APP_ERROR } from '../model/error.ts';

const base = oc.errors({ [APP_ERROR]: { status: 400, data: appErrorDataSchema } });

/** A call: one input, one output. */
export function call<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return base.input(input).output(output);
}

/** A stream: one input, items until it ends, fails or is aborted by the reader. */
export function stream<I extends z.ZodType, O extends z.ZodType>(input: I, item: O) {
  return base.input(input).output(eventIterator(item));
}
