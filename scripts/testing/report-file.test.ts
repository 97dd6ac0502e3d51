import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReport, reportVariable, reportWriter } from './report-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'report.ndjson');
const writer = () => reportWriter({ [reportVariable]: path() });
const endedWell = { problem: null, mayBeEmpty: false };

describe('a report', () => {
  it('gives each test its outcome', () => {
    const write = writer();
    write({ type: 'test', name: 'a', status: 'passed', detail: '' });
    write({ type: 'test', name: 'b', status: 'skipped', detail: 'no Docker' });
    write({ type: 'end' });
    expect(readReport('unit', path(), endedWell)).toEqual([
      { suite: 'unit', name: 'a', status: 'passed', detail: '' },
      { suite: 'unit', name: 'b', status: 'skipped', detail: 'no Docker' },
    ]);
  });

  it('of a runner that died is a failure beside what it still told', () => {
    writer()({ type: 'test', name: 'a', status: 'passed', detail: '' });
    const outcomes = readReport('unit', path(), { ...endedWell, problem: 'ended by SIGKILL' });
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['passed', 'failed']);
    expect(outcomes[1]?.detail).toContain('ended by SIGKILL');
  });

  it('that was never written is a failure, even after exit code 0', () => {
    expect(readReport('unit', path(), endedWell).map((outcome) => outcome.status)).toEqual(['failed']);
  });

  it('without a test is a failure, unless a filter may leave none', () => {
    writer()({ type: 'end' });
    expect(readReport('unit', path(), endedWell)).toHaveLength(1);
    expect(readReport('unit', path(), { ...endedWell, mayBeEmpty: true })).toHaveLength(0);
  });

  it('without a failed test does not hide that the runner failed', () => {
    const write = writer();
    write({ type: 'test', name: 'a', status: 'passed', detail: '' });
    write({ type: 'end' });
    const outcomes = readReport('unit', path(), { ...endedWell, problem: 'exit code 1' });
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['passed', 'failed']);
  });

  it('with half a line is a failure, not a crash', () => {
    appendFileSync(path(), '{"type":"te');
    const details = readReport('unit', path(), endedWell).map((outcome) => outcome.detail);
    expect(details).toEqual([expect.stringContaining('damaged'), expect.stringContaining('died')]);
  });
});
