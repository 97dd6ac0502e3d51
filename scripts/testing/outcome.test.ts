import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, countLine, type Outcome } from './outcome.ts';

const outcome = (status: Outcome['status']): Outcome => ({ suite: 'unit', name: 'a', status, detail: '' });

describe('the count line', () => {
  it('tells of passed and failed only when nothing was skipped', () => {
    expect(countLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  });

  it('tells of what was skipped', () => {
    expect(countLine({ passed: 0, failed: 3, skipped: 1 })).toBe('0 passed, 3 failed, 1 skipped');
  });

  it('has one of its two forms, and counts every test once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('passed', 'failed', 'skipped')), (statuses) => {
        const line = countLine(count(statuses.map(outcome)));
        const match = /^(\d+) passed, (\d+) failed(?:, ([1-9]\d*) skipped)?$/.exec(line);
        const [, passed, failed, skipped = '0'] = match ?? [];
        expect(Number(passed) + Number(failed) + Number(skipped)).toBe(statuses.length);
      }),
    );
  });
});
