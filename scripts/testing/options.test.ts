import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

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
