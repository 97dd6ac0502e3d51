import { expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import { renderSummary } from './summary.ts';

const passed = (suite: string): Outcome => ({ suite, name: 'a', status: 'passed', detail: '' });

it('ends with the count over all suites', () => {
  const lines = renderSummary([passed('types'), passed('unit'), passed('unit')]);
  expect(lines.at(-1)).toBe('3 passed, 0 failed');
  expect(lines).toContain('  unit   2 passed, 0 failed');
});

it('lists each skipped test with its reason and each failed one by name', () => {
  const text = renderSummary([
    { suite: 'unit', name: 'docker › starts', status: 'skipped', detail: 'Docker does not answer' },
    { suite: 'unit', name: 'docker › stops', status: 'skipped', detail: 'Docker does not answer' },
    { suite: 'e2e', name: 'console', status: 'failed', detail: '\u001b[31mexpected 42\u001b[39m' },
  ]).join('\n');
  expect(text).toContain('Skipped:\n  unit › docker › starts\n  unit › docker › stops\n      Docker does not answer\n');
  expect(text).toContain('Failed:\n  e2e › console\n      expected 42\n');
});

it('cuts a long message short', () => {
  const detail = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
  const lines = renderSummary([{ suite: 'unit', name: 'a', status: 'failed', detail }]);
  expect(lines.length).toBeLessThan(25);
  expect(lines).toContain('      …');
});
