/** Runs tasks of one key one after another, tasks of different keys side by side. */
export interface KeyedLock {
  readonly run: <T>(key: string, task: () => Promise<T>) => Promise<T>;
  readonly isHeld: (key: string) => boolean;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, task) {
      const before = tails.get(key) ?? Promise.resolve();
      const result = before.then(task, task);
      const settled = result.then(
        () => undefined,
        () => undefined, // the caller gets the error; the next task only waits for the end
      );
      tails.set(key, settled);
      void settled.then(() => {
        if (tails.get(key) === settled) tails.delete(key);
      });
      return result;
    },
    isHeld: (key) => tails.has(key),
  };
}
