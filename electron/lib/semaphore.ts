/** Lets a bounded number of tasks run at once, in the order of coming. */
export interface Semaphore {
  /** Rejects with the signal's reason when it is aborted before the task has begun; then it never begins. */
  readonly run: <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T>;
}

export function createSemaphore(most: number): Semaphore {
  const waiting = new Set<() => void>();
  let running = 0;

  function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (running < most) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(begin);
        reject(signal.reason);
      };
      waiting.add(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  return {
    async run(task, signal) {
      await turn(signal);
      try {
        return await task();
      } finally {
        // Who waits takes over the place: nobody who comes now passes.
        const [next] = waiting;
        if (next) {
          waiting.delete(next);
          next();
        } else running -= 1;
      }
    },
  };
}
