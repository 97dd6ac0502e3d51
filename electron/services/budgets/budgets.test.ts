import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { createTopic } from '../../lib/topic.ts';
import type { Engines } from '../engines/engines.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { enforceBudgets } from './budgets.ts';

// Fakes of what is around it: a limit that is changed, a stop that fails and an engine that is away are
// not to be had from real ones on demand. That real sandboxes are stopped is `hosts/host-limits.test.ts`.

const id = 'sbx_0123456789abcdefghij';

function fakes(limits: Limits, warned = (_facts: unknown) => undefined) {
  const changed = createTopic<string>();
  let sandbox = { id, engine: 'process', state: 'running', foreign: false, startedAt: 1, workspace: null } as Sandbox;
  const put = (change: Partial<Sandbox>, asked = limits) => {
    sandbox = { ...sandbox, ...change, spec: { ...sandbox.spec, limits: asked } as Sandbox['spec'] };
    changed.publish(id);
  };
  put({});
  const use = { cpuNs: 0, away: false, broken: false };
  const sample = vi.fn(async (refs: readonly string[]) => {
    if (use.away) throw new AppError('engine_unavailable', 'It is away');
    return new Map(refs.map((ref) => [ref, { cpuNs: use.cpuNs }]));
  });
  async function* outputBytes() {
    if (use.away) throw new AppError('engine_unavailable', 'It is away');
    if (use.broken) throw new Error('It cannot be counted');
    yield 0;
  }
  const stop = vi.fn(async (..._args: unknown[]) => put({ state: 'stopped' }));
  const end = enforceBudgets({
    home: '/nonexistent',
    registry: {
      all: () => [{ sandbox, ref: 'ref' }],
      find: () => ({ sandbox, ref: 'ref' }),
      onChange: changed.subscribe,
    } as unknown as Registry,
    engines: { available: () => ({ engine: { sample, outputBytes } }) } as unknown as Engines,
    sandboxes: { stop } as unknown as Sandboxes,
    log: pino({ level: 'warn' }, { write: (line: string) => warned(JSON.parse(line)) }),
  });
  return { put, use, sample, stop, end };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('stops what has used more, once, and says why', async () => {
  const { use, stop, sample, end } = fakes({ cpuTimeMs: 1000 });
  use.cpuNs = 1e9;
  await vi.advanceTimersByTimeAsync(2000);
  expect(stop).not.toHaveBeenCalled();
  use.cpuNs = 1e9 + 1;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stop.mock.calls).toEqual([[id, 1000, { confirmForeign: false }, { limit: 'cpuTimeMs' }]]);
  // Nobody is looked at any more.
  const looks = sample.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sample.mock.calls.length).toBe(looks);
  end();
});

test('goes by a limit that was changed meanwhile', async () => {
  const { put, use, stop, end } = fakes({ cpuTimeMs: 1000 });
  use.cpuNs = 1.5e9;
  put({}, { cpuTimeMs: 2000 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(stop).not.toHaveBeenCalled();
  put({}, { cpuTimeMs: 1200 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(stop).toHaveBeenCalledOnce();
  end();
});

test('tries again, but not at once, when a stop has failed', async () => {
  const { put, use, stop, end } = fakes({ cpuTimeMs: 1000 });
  stop.mockImplementation(async () => {
    put({ state: 'stopping' });
    put({ state: 'running' });
    throw new AppError('engine_unavailable', 'It is away');
  });
  use.cpuNs = 2e9;
  await vi.advanceTimersByTimeAsync(9000);
  expect(stop).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(stop).toHaveBeenCalledTimes(2);
  end();
});

test('waits for an engine that is away, and leaves foreign sandboxes alone', async () => {
  const { put, use, stop, end } = fakes({ cpuTimeMs: 1000 });
  Object.assign(use, { cpuNs: 2e9, away: true });
  await vi.advanceTimersByTimeAsync(5000);
  put({ foreign: true });
  use.away = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(stop).not.toHaveBeenCalled();
  put({ foreign: false });
  await vi.advanceTimersByTimeAsync(1000);
  expect(stop).toHaveBeenCalledOnce();
  end();
});

test('tells once of a limit that nothing holds, again when it is changed, and not of an engine that is away', async () => {
  const warned = vi.fn();
  const { put, use, end } = fakes({ outputBytes: 1000 }, warned);
  use.away = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(warned).not.toHaveBeenCalled();
  Object.assign(use, { away: false, broken: true });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(warned.mock.calls).toMatchObject([[{ id, budget: 'outputBytes', err: { message: 'It cannot be counted' } }]]);
  put({}, { outputBytes: 2000 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(warned).toHaveBeenCalledTimes(2);
  end();
});
