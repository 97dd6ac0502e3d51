import { createPullStream, type PullStream } from './pull-stream.ts';

/** Joins something that pushes with something that iterates. */
export interface AsyncQueue<T> extends Omit<PullStream<T>, 'wake'> {
  readonly push: (item: T) => void;
  /** Items waiting for the reader. */
  readonly size: () => number;
}

/** An unbounded queue with one reader; where the writer can outrun the reader, the writer looks at `size()`. */
export function createAsyncQueue<T>(onEnd?: () => void): AsyncQueue<T> {
  let items: T[] = [];
  let head = 0;
  let open = true;

  const take = () => {
    if (head === items.length) return undefined;
    const item = items[head++];
    if (head === items.length) {
      items = [];
      head = 0;
    }
    return item;
  };
  const stream = createPullStream<T>(take, () => {
    open = false;
    items = [];
    head = 0;
    onEnd?.();
  });

  return {
    ...stream,
    push(item) {
      if (!open) return;
      items.push(item);
      stream.wake();
    },
    end() {
      open = false;
      stream.end();
    },
    fail(error) {
      open = false;
      stream.fail(error);
    },
    size: () => items.length - head,
  };
}
