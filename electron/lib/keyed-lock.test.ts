import { expect, test } from 'vitest';
import { createKeyedLock } from './keyed-lock.ts';

test('tasks of one key run one after another, also after one that failed', async () => {
  const lock = createKeyedLock();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = lock.run('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('first failed');
  });
  const second = lock.run('a', async () => {
    order.push('second');
  });
  const other = lock.run('b', async () => {
    order.push('other');
  });
  await other;
  expect(lock.isHeld('a')).toBe(true);
  gate.resolve();
  await expect(first).rejects.toThrow('first failed');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
  await Promise.resolve();
  expect(lock.isHeld('a')).toBe(false);
});
