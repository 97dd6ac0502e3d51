import { isAsyncIteratorObject } from '@orpc/shared';
import type { Log } from '../lib/log.ts';
import { toWireError } from './errors.ts';

interface Next {
  readonly next: () => Promise<unknown>;
}

/** Options that every transport's handler shares: each error leaves as an AppError. */
export function handlerOptions(log: Log) {
  const interceptor = async ({ next }: Next): Promise<unknown> => {
    try {
      const output = await next();
      return isAsyncIteratorObject(output) ? convertErrors(output, log) : output;
    } catch (error) {
      throw toWireError(error, log);
    }
  };
  return { clientInterceptors: [interceptor] };
}

/** Not a generator: its `return` must reach the source at once, also while a `next` is pending. */
function convertErrors(source: AsyncIterator<unknown>, log: Log): AsyncIterableIterator<unknown> {
  const iterator: AsyncIterableIterator<unknown> = {
    async next() {
      try {
        return await source.next();
      } catch (error) {
        throw toWireError(error, log);
      }
    },
    async return(value?: unknown) {
      await source.return?.();
      return { done: true, value };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
