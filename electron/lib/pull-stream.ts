/** What a stream of the contract is on the host: one reader, ended by `return` or by its own end. */
export interface Stream<T> extends AsyncIteratorObject<T, undefined, void> {
  readonly next: () => Promise<IteratorResult<T, undefined>>;
  readonly [Symbol.asyncIterator]: () => Stream<T>;
  readonly return: () => Promise<IteratorResult<T, undefined>>;
}

/** A stream whose items are made when the reader asks for them, so that nothing piles up in between. */
export interface PullStream<T> extends Stream<T> {
  /** Says that `take` may have something now. */
  readonly wake: () => void;
  /** What `take` still has is delivered first. */
  readonly end: () => void;
  /** Like `end`, but the reader then gets `error`. */
  readonly fail: (error: unknown) => void;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `take` gives the next item, or undefined when there is none now. One reader, one `next()` at a
 * time. `onEnd` is called once, when the reader is done or has gone away.
 *
 * Not an async generator: its `return()` would wait behind a pending `next()`, so a reader that
 * goes away while nothing happens would never be let go.
 */
export function createPullStream<T>(take: () => T | undefined, onEnd?: () => void): PullStream<T> {
  let waiter: Waiter<T> | undefined;
  let state: 'open' | 'ending' | 'failing' | 'over' = 'open';
  let failure: unknown;

  const over = () => {
    if (state === 'over') return;
    state = 'over';
    onEnd?.();
  };

  const settle = () => {
    if (!waiter) return;
    const { resolve, reject } = waiter;
    const value = state === 'over' ? undefined : take();
    if (value !== undefined) {
      waiter = undefined;
      resolve({ done: false, value });
    } else if (state !== 'open') {
      waiter = undefined;
      const failing = state === 'failing';
      over();
      if (failing) reject(failure);
      else resolve({ done: true, value: undefined });
    }
  };

  const stream: PullStream<T> = {
    wake: settle,
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
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await stream.return();
    },
  };
  return stream;
}
