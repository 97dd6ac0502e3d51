import { expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

it('runs so many at once, in the order of coming, and goes on after one that fails', async () => {
  const { run } = createSemaphore(2);
  const begun: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const { signal } = new AbortController();
  const all = ['a', 'b', 'c', 'd'].map((name) =>
    run(() => {
      begun.push(name);
      const gate = Promise.withResolvers<void>();
      gates.set(name, gate);
      return gate.promise.then(() => name);
    }, signal),
  );
  const ended = Promise.allSettled(all);
  await Promise.resolve();
  expect(begun).toEqual(['a', 'b']);
  gates.get('b')?.reject(new Error('b'));
  await expect(all[1]).rejects.toThrow('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  gates.get('a')?.resolve();
  expect(await all[0]).toBe('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  for (const { resolve } of gates.values()) resolve();
  expect((await ended).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

it('does not begin what was cancelled while it waited', async () => {
  const { run } = createSemaphore(1);
  const { signal } = new AbortController();
  const gate = Promise.withResolvers<void>();
  const first = run(() => gate.promise, signal);
  const leaving = new AbortController();
  const begun: string[] = [];
  const second = run(async () => begun.push('second'), leaving.signal);
  const third = run(async () => begun.push('third'), signal);
  leaving.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  gate.resolve();
  await Promise.all([first, third]);
  expect(begun).toEqual(['third']);
  await expect(run(async () => begun.push('fourth'), leaving.signal)).rejects.toThrow('left');
});
