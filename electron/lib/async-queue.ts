/** Joins something that pushes with something that iterates. */
export interface AsyncQueue<T> extends AsyncIterableIterator<T, undefined> {
  readonly push: (item: T) => void;
  /** Items that were pushed before are still delivered. */
  readonly end: () => void;
  /** Like `end`, but the reader then gets `error`. */
  readonly fail: (error: unknown) => void;
  /** Items waiting for the reader. */
  readonly size: () => number;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An unbounded queue with one reader; where the writer can outrun the reader, the writer looks at
 * `size()`. `onEnd` is called once, when the reader is done or has gone away.
 *
 * Not an async generator: its `return()` would wait behind a pending `next()`, so a reader that
 * goes away while nothing happens would never be let go.
 */
export function createAsyncQueue<T>(onEnd?: () => void): AsyncQueue<T> {
  let items: T[] = [];
  let head = 0;
  let waiter: Waiter<T> | undefined;
  let state: 'open' | 'ending' | 'failing' | 'over' = 'open';
  let failure: unknown;

  const over = () => {
    if (state === 'over') return;
    state = 'over';
    items = [];
    head = 0;
    onEnd?.();
  };

  /** Gives a waiting reader what there is. */
  const settle = () => {
    if (!waiter) return;
    const { resolve, reject } = waiter;
    if (head < items.length) {
      waiter = undefined;
      const value = items[head++] as T;
      if (head === items.length) {
        items = [];
        head = 0;
      }
      resolve({ done: false, value });
    } else if (state !== 'open') {
      waiter = undefined;
      const failing = state === 'failing';
      over();
      if (failing) reject(failure);
      else resolve({ done: true, value: undefined });
    }
  };

  const queue: AsyncQueue<T> = {
    push(item) {
      if (state !== 'open') return;
      items.push(item);
      settle();
    },
    end() {
      if (state === 'open') state = 'ending';
      settle();
    },
    fail(error) {
      if (state === 'open') {
        state = 'failing';
        failure = error;
      }
      settle();
    },
    size: () => items.length - head,
    next() {
      return new Promise((resolve, reject) => {
        waiter = { resolve, reject };
        settle();
      });
    },
    return() {
      over();
      settle();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => queue,
  };
  return queue;
}
