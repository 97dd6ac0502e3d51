import { expect, it, vi } from 'vitest';
import { createInput, firstPiece } from './console-input.ts';

it('sends everything in its order, one piece at a time', async () => {
  const sent: string[] = [];
  let under = 0;
  const input = createInput(
    async (data) => {
      under++;
      expect(under).toBe(1);
      await Promise.resolve();
      sent.push(data);
      under--;
    },
    4,
    () => undefined,
  );
  for (const key of 'hello world') input.push(key);
  await vi.waitFor(() => expect(sent.join('')).toBe('hello world'));
  expect(sent.every((piece) => piece.length <= 4)).toBe(true);
});

it('goes on with the next piece after a failure, and does not send the failed one again', async () => {
  const sent: string[] = [];
  const input = createInput(
    (data) => {
      if (data === 'bb') return Promise.reject(new Error('lost'));
      sent.push(data);
      return Promise.resolve();
    },
    2,
    () => undefined,
  );
  input.push('aabbcc');
  await vi.waitFor(() => expect(sent).toEqual(['aa', 'cc']));
});

it('never cuts a character in two', () => {
  expect(firstPiece('ab😀', 3)).toBe('ab');
  expect(firstPiece('a😀b', 3)).toBe('a😀');
  expect(firstPiece('short', 64)).toBe('short');
});
