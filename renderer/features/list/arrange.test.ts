import { describe, expect, it } from 'vitest';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { arrange, enginesToChoose, matches, noFilter } from './arrange.ts';

const api = fakeSandbox({ name: 'API server', engine: 'docker', source: 'node:24', createdAt: 1 });
const job = fakeSandbox({ name: 'nightly', state: 'stopped', createdAt: 3 });
const web = fakeSandbox({ name: 'web', engine: 'docker', source: 'nginx', state: 'paused', createdAt: 2 });
const all = [api, job, web];

const shown = (rows: ReturnType<typeof arrange>) =>
  rows.map((row) => (row.type === 'group' ? `[${row.key} ${row.count}]` : row.sandbox.name));

describe('the filter', () => {
  it('wants each word somewhere, in any case', () => {
    expect(matches(api, { ...noFilter, text: 'NODE api' })).toBe(true);
    expect(matches(api, { ...noFilter, text: 'node web' })).toBe(false);
  });

  it('takes engine and state as well', () => {
    expect(shown(arrange(all, { ...noFilter, engine: 'docker' }, 'none'))).toEqual(['web', 'API server']);
    expect(shown(arrange(all, { ...noFilter, state: 'stopped' }, 'none'))).toEqual(['nightly']);
  });
});

it('offers the engines that are here or have sandboxes, and no others', () => {
  const reports = [
    { kind: 'process', status: 'available' },
    { kind: 'podman', status: 'unreachable' },
    { kind: 'namespace', status: 'missing' },
  ] as const;
  expect(enginesToChoose(reports, [api], 'all')).toEqual(['process', 'docker', 'podman']);
  expect(enginesToChoose([], [], 'virtualenv')).toEqual(['virtualenv']);
});

it('shows the newest first', () => {
  expect(shown(arrange(all, noFilter, 'none'))).toEqual(['nightly', 'web', 'API server']);
});

it('groups by engine or state and leaves out empty groups', () => {
  expect(shown(arrange(all, noFilter, 'engine'))).toEqual([
    '[process 1]',
    'nightly',
    '[docker 2]',
    'web',
    'API server',
  ]);
  expect(shown(arrange(all, noFilter, 'state'))).toEqual([
    '[running 1]',
    'API server',
    '[paused 1]',
    'web',
    '[stopped 1]',
    'nightly',
  ]);
});
