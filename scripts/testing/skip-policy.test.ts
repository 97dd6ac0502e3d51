import { expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import { applySkipPolicy, requiresAll } from './skip-policy.ts';

const skipped = (detail: string): Outcome => ({ suite: 'e2e', name: 'a', status: 'skipped', detail });

it('leaves a skip alone where engines are not required', () => {
  const outcomes = [skipped('Docker does not answer')];
  expect(applySkipPolicy(outcomes, false)).toEqual(outcomes);
});

it('makes a skip a failure where all engines are required, and keeps its reason', () => {
  const [judged] = applySkipPolicy([skipped('Docker does not answer')], true);
  expect(judged?.status).toBe('failed');
  expect(judged?.detail).toContain('Docker does not answer');
});

it('lets what no build machine can have be skipped all the same', () => {
  const outcomes = [skipped('[electron-binary] not downloaded')];
  expect(applySkipPolicy(outcomes, true)).toEqual(outcomes);
});

it('does not take a mention of it for the declared reason', () => {
  const [judged] = applySkipPolicy([skipped('Docker, not [electron-binary]')], true);
  expect(judged?.status).toBe('failed');
});

it('changes nothing about what passed or failed', () => {
  const outcomes: readonly Outcome[] = [
    { suite: 'unit', name: 'a', status: 'passed', detail: '' },
    { suite: 'unit', name: 'b', status: 'failed', detail: 'why' },
  ];
  expect(applySkipPolicy(outcomes, true)).toEqual(outcomes);
});

it('reads TERRARIUM_REQUIRE_ENGINES, and refuses a value that means nothing', () => {
  expect(requiresAll({})).toBe(false);
  expect(requiresAll({ TERRARIUM_REQUIRE_ENGINES: '' })).toBe(false);
  expect(requiresAll({ TERRARIUM_REQUIRE_ENGINES: 'all' })).toBe(true);
  expect(() => requiresAll({ TERRARIUM_REQUIRE_ENGINES: 'docker' })).toThrow('"docker"');
});
