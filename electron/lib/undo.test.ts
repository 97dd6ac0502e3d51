import { pino } from 'pino';
import { expect, it } from 'vitest';
import { undo } from './undo.ts';

it('runs each step though one before it fails, logs that one, and throws why it all came about', async () => {
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => logged.push(line) });
  const done: string[] = [];
  const cause = new Error('the disk is full');
  const undoing = undo(cause, log, {
    first: async () => done.push('first'),
    second: async () => {
      throw new Error('the process cannot be killed');
    },
    third: async () => done.push('third'),
  });
  await expect(undoing).rejects.toBe(cause);
  expect(done).toEqual(['first', 'third']);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { step: 'second', err: { message: 'the process cannot be killed' } },
  ]);
});
