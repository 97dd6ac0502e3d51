import { expect, test } from 'vitest';
import type { Limits } from '../../shared/model/limits.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { nextDeadline } from './deadlines.ts';

const sandbox = (limits: Limits, change: Partial<Sandbox> = {}, ttlMs?: number): Sandbox => ({
  id: 'sbx_0123456789abcdefghij',
  name: 'quiet-fern',
  engine: 'process',
  state: 'running',
  foreign: false,
  spec: {
    name: 'quiet-fern',
    engine: 'process',
    source: { type: 'empty' },
    env: {},
    mounts: [],
    ports: [],
    limits,
    network: { mode: 'full' },
    profile: 'trusted',
    labels: {},
    allowBestEffort: false,
    ...(ttlMs === undefined ? {} : { ttlMs }),
  },
  source: 'empty',
  generation: 1,
  createdAt: 1000,
  startedAt: 5000,
  stoppedAt: null,
  exit: null,
  error: null,
  ports: [],
  workspace: null,
  ...change,
});

test('wall time counts from the start', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }), undefined)).toEqual({ at: 5200, limit: 'wallTimeMs' });
});

test('idle time counts from the last activity, and from the start before there was any', () => {
  expect(nextDeadline(sandbox({ idleTimeMs: 1000 }), undefined)).toEqual({ at: 6000, limit: 'idleTimeMs' });
  expect(nextDeadline(sandbox({ idleTimeMs: 1000 }), 9000)).toEqual({ at: 10_000, limit: 'idleTimeMs' });
});

test('the life of a sandbox counts from its creation, also while it is stopped', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }, { state: 'stopped' }, 3000), undefined)).toEqual({
    at: 4000,
    limit: null,
  });
});

test('the earliest comes first', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 9000, idleTimeMs: 1000 }), undefined)?.limit).toBe('idleTimeMs');
});

test('a stopped sandbox has no wall time, and a foreign one has no deadline at all', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }, { state: 'stopped' }), undefined)).toBeNull();
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }, { foreign: true }), undefined)).toBeNull();
});
