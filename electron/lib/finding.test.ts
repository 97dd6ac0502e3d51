import { expect, it } from 'vitest';
import { createFinding } from './finding.ts';

const missing = { reason: 'it is not installed' };

/** Finds each of these in turn. */
function findingOf(...answers: readonly ({ readonly program: string } | typeof missing)[]) {
  const left = [...answers];
  const finding = createFinding(async () => left.shift() ?? missing);
  return { ...finding, left: () => left.length };
}

it('finds out once, and again when it is asked to', async () => {
  const finding = findingOf({ program: 'first' }, { program: 'second' });
  expect(await Promise.all([finding.find(), finding.find()])).toEqual([{ program: 'first' }, { program: 'first' }]);
  expect(await finding.refresh()).toEqual({ program: 'second' });
  expect(await finding.find()).toEqual({ program: 'second' });
});

it('does not hold on to a failure when it is tried again', async () => {
  const finding = findingOf(missing, missing, { program: 'mended' }, { program: 'not asked for' });
  expect(await finding.retry()).toBe(missing);
  expect(finding.left()).toBe(3);
  expect(await finding.find()).toBe(missing);
  expect(await finding.retry()).toBe(missing);
  expect(await finding.retry()).toEqual({ program: 'mended' });
  expect(await finding.retry()).toEqual({ program: 'mended' });
  expect(await finding.find()).toEqual({ program: 'mended' });
});

it('tries again once for all who ask at the same time', async () => {
  const finding = findingOf(missing, missing, { program: 'not asked for' });
  await finding.find();
  expect(await Promise.all([finding.retry(), finding.retry(), finding.retry()])).toEqual([missing, missing, missing]);
  expect(finding.left()).toBe(1);
});

it('does not remember that finding out went wrong', async () => {
  const answers = [Promise.reject(new Error('no room for a folder')), Promise.resolve({ program: 'found' })];
  const finding = createFinding<{ readonly program: string }, typeof missing>(
    async () => (await answers.shift()) ?? missing,
  );
  await expect(finding.find()).rejects.toThrow('no room');
  expect(await finding.find()).toEqual({ program: 'found' });
});
