import { expect, it } from 'vitest';
import { nameSchema } from '../../../shared/model/spec.ts';
import { cloneName } from './clone-name.ts';

it('names the sandbox and the snapshot', () => expect(cloneName('api', 'first', () => false)).toBe('api-first'));

it('counts on where the name is taken', () => {
  const taken = new Set(['api-first', 'api-first-2']);
  expect(cloneName('api', 'first', (name) => taken.has(name))).toBe('api-first-3');
});

it.each(['x'.repeat(80), '🦎'.repeat(40), `${'x'.repeat(15)} ${'y'.repeat(64)}`])(
  'keeps %s to what a name may be',
  (long) => {
    const taken = new Set([cloneName(long, 's'.repeat(63), () => false)]);
    for (const name of [...taken, cloneName(long, 's'.repeat(63), (each) => taken.has(each))]) {
      expect(nameSchema.safeParse(name).error).toBeUndefined();
      expect(name.isWellFormed()).toBe(true);
    }
  },
);
