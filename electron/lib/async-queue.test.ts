import { expect, test, vi } from 'vitest';
import { createAsyncQueue } from './async-queue.ts';

test('items come in order, also those pushed before the reader asked', async () => {
  const queue = createAsyncQueue<number>();
  queue.push(1);
  queue.push(2);
  queue.end();
  queue.push(3);
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  expect(items).toEqual([1, 2]);
});

test('a failure comes after what was pushed before it', async () => {
  const queue = createAsyncQueue<number>();
  queue.push(1);
  queue.fail(new Error('broken'));
  expect(await queue.next()).toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toThrow('broken');
});

test('a reader that goes away while it waits is let go at once, and onEnd is called once', async () => {
  const onEnd = vi.fn();
  const queue = createAsyncQueue<number>(onEnd);
  const pending = queue.next();
  await queue.return();
  expect(await pending).toEqual({ done: true, value: undefined });
  await queue.return();
  expect(onEnd).toHaveBeenCalledTimes(1);
  queue.push(1);
  expect(queue.size()).toBe(0);
});
