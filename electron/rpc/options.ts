import { isAsyncIteratorObject } from '@orpc/shared';
import type { Log } from '../lib/log.ts';
import { type StatusOf, toWireError } from './errors.ts';

interface Next {
  readonly next: () => Promise<unknown>;
}

/** Options that every transport's handler shares: each error leaves as an AppError. `statusOf`: where a status means something. */
export function handlerOptions(log: Log, statusOf?: StatusOf) {
  const interceptor = async ({ next }: Next): Promise<unknown> => {
    try {
      const output = await next();
      return isAsyncIteratorObject(output) ? convertErrors(output, log, statusOf) : output;
    } catch (error) {
      throw toWireError(error, log, statusOf);
    }
  };
  return { clientInterceptors: [interceptor] };
}

/** Not a generator: its `return` must reach the source at once, also while a `next` is pending. */
function convertErrors(source: AsyncIterator<unknown>, log: Log, statusOf?: StatusOf): AsyncIterableIterator<unknown> {
  const iterator: AsyncIterableIterator<unknown> = {
    async next() {
      try {
        return await source.next();
      } catch (error) {
        throw toWireError(error, log, statusOf);
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
