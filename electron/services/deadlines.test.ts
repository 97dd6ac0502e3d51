import { expect, test } from 'vitest';
import { defaultConfig } from '../../shared/model/config.ts';
import type { Limits } from '../../shared/model/limits.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { Log } from '../lib/log.ts';
import { createTopic } from '../lib/topic.ts';
import type { Activity } from './activity.ts';
import { enforceDeadlines, nextDeadline } from './deadlines.ts';
import type { Registry } from './sandboxes/registry.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

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
    why: 'its time was over',
  });
});

test('the earliest comes first', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 9000, idleTimeMs: 1000 }), undefined)?.limit).toBe('idleTimeMs');
});

test('a stopped sandbox has no wall time, and a foreign one has no deadline at all', () => {
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }, { state: 'stopped' }), undefined)).toBeNull();
  expect(nextDeadline(sandbox({ wallTimeMs: 200 }, { foreign: true }), undefined)).toBeNull();
});

test('one that has been stopped for long enough is at its end, by the configuration', () => {
  const stopped = sandbox({}, { state: 'stopped', stoppedAt: 7000 });
  expect(nextDeadline(stopped, undefined, { stoppedMs: 60_000 })).toMatchObject({
    at: 67_000,
    limit: null,
    why: expect.stringContaining('stopped for 1 min'),
  });
  expect(nextDeadline(stopped, undefined, {})).toBeNull();
  expect(nextDeadline({ ...stopped, state: 'running' }, undefined, { stoppedMs: 60_000 })).toBeNull();
  expect(nextDeadline({ ...stopped, foreign: true }, undefined, { stoppedMs: 60_000 })).toBeNull();
});

test('a configuration that changes holds for those that are there', async () => {
  const stopped = sandbox({}, { state: 'stopped', stoppedAt: Date.now() - 120_000 });
  const entry = { sandbox: stopped, ref: 'ref' };
  const changed = createTopic<void>();
  let stoppedMs: number | undefined;
  const destroyed = Promise.withResolvers<string>();
  const stop = enforceDeadlines({
    registry: { all: () => [entry], find: () => entry, onChange: () => () => undefined } as unknown as Registry,
    sandboxes: { destroy: async (id: string) => destroyed.resolve(id) } as unknown as Sandboxes,
    activity: { last: () => undefined, onTouch: () => () => undefined } as unknown as Activity,
    settings: {
      get: () => ({ ...defaultConfig, retention: { ...defaultConfig.retention, stoppedMs } }),
      onChange: changed.subscribe,
    },
    log: {} as Log,
  });
  stoppedMs = 60_000;
  changed.publish();
  expect(await destroyed.promise).toBe(stopped.id);
  stop();
});
