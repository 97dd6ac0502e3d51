/** Joins something that pushes with something that iterates. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  readonly push: (item: T) => void;
  /** Items that were pushed before are still delivered. */
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  /** Items waiting for the reader. */
  readonly size: () => number;
}

/**
 * An unbounded queue with one reader; where the writer can outrun the reader, the writer looks at
 * `size()`. Ending the iteration (`break`, `return`) calls `onReturn` once.
 */
export function createAsyncQueue<T>(onReturn?: () => void): AsyncQueue<T> {
  let items: T[] = [];
  let head = 0;
  let finish: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;

  const signal = () => {
    wake?.();
    wake = undefined;
  };

  async function* drain(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (head < items.length) {
          const item = items[head++] as T;
          if (head === items.length) {
            items = [];
            head = 0;
          }
          yield item;
        }
        if (finish) {
          if ('error' in finish) throw finish.error;
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      onReturn?.();
    }
  }

  const generator = drain();
  return {
    push(item) {
      if (finish) return;
      items.push(item);
      signal();
    },
    end() {
      finish ??= {};
      signal();
    },
    fail(error) {
      finish ??= { error };
      signal();
    },
    size: () => items.length - head,
    [Symbol.asyncIterator]: () => generator,
  };
}
