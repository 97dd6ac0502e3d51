import { createAsyncQueue } from '../lib/async-queue.ts';
import type { Stream } from '../lib/pull-stream.ts';

/**
 * Ends a stream when its request is aborted: by the reader, or because its connection is gone.
 * oRPC leaves a stream that nobody reads any more to its signal, so every handler passes through here.
 */
export function endWith<T>(stream: Stream<T>, signal: AbortSignal | undefined): Stream<T> {
  const end = () => void stream.return();
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  return stream;
}

/** Runs a task that reports on its way, as a stream that ends with (or fails like) the task. */
export function streamTask<T>(
  signal: AbortSignal | undefined,
  task: (push: (item: T) => void, signal: AbortSignal) => Promise<void>,
): Stream<T> {
  const abort = new AbortController();
  const queue = createAsyncQueue<T>(() => abort.abort());
  task(queue.push, abort.signal).then(queue.end, queue.fail);
  return endWith(queue, signal);
}

/**
 * Turns a source that is ended by a signal into a stream. The source is read only as fast as the
 * reader reads.
 */
export function streamFrom<T>(
  signal: AbortSignal | undefined,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): Stream<T> {
  const abort = new AbortController();
  const source = open(abort.signal)[Symbol.asyncIterator]();
  const stream: Stream<T> = {
    async next() {
      const result = await source.next();
      return result.done ? { done: true, value: undefined } : result;
    },
    async return() {
      abort.abort();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await stream.return();
    },
  };
  return endWith(stream, signal);
}
