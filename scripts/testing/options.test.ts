import { expect, it } from 'vitest';
import { parseOptions, planStages } from './options.ts';

it('runs everything when nothing is asked for', () => {
  expect(parseOptions([])).toEqual({ stages: ['check', 'unit', 'e2e'], filters: [] });
});

it('takes --only in both spellings, more than once', () => {
  expect(parseOptions(['--only', 'unit', '--only=check']).stages).toEqual(['unit', 'check']);
});

it('leaves types and lint out where test files are named', () => {
  expect(parseOptions(['docker', 'process'])).toEqual({ stages: ['unit', 'e2e'], filters: ['docker', 'process'] });
});

it.each([
  [['--only'], '--only takes'],
  [['--only', 'units'], '"units"'],
  [['--fast'], 'Unknown option --fast'],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

it('builds before what needs the build, and only then', () => {
  expect(planStages(['e2e', 'unit', 'check'])).toEqual(['check', 'build', 'unit', 'e2e']);
  expect(planStages(['unit'])).toEqual(['build', 'unit']);
  expect(planStages(['check'])).toEqual(['check']);
});
