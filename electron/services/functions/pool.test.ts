import pino from 'pino';
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { defaultFunctionSettings, type FunctionSettings } from '../../../shared/model/function.ts';
import type { Instance } from './instance.ts';
import type { Answer } from './job.ts';
import { createPlaces, type Places } from './places.ts';
import { createPool } from './pool.ts';

/** Instances that do as they are told here, in the place of processes. */
function fakePool(some: Partial<FunctionSettings> = {}, places: Places = createPlaces(100), isSingleUse = false) {
  let settings = { ...defaultFunctionSettings, maxConcurrency: 2, ...some };
  let opened = 0;
  const inside: { readonly payload: string; readonly answer: () => void; readonly crash: () => void }[] = [];
  const order: string[] = [];
  let refuse: Error | null = null;
  const open = async (version: number): Promise<Instance> => {
    opened += 1;
    if (refuse) throw refuse;
    const ended = Promise.withResolvers<void>();
    return {
      pid: opened,
      sandboxId: null,
      isSingleUse,
      ended: ended.promise,
      close: async () => ended.resolve(),
      invoke: (payload, signal) =>
        new Promise((resolve, reject) => {
          order.push(`${payload}@${version}`);
          signal.addEventListener('abort', () => reject(signal.reason));
          const rest = {
            logs: [],
            truncated: false,
            durationMs: 1,
            cpuMs: 0,
            peakMemoryBytes: null,
            fuelConsumed: null,
          };
          inside.push({
            payload,
            answer: () => resolve({ outcome: { type: 'returned', result: payload }, ...rest }),
            crash: () => {
              reject(new AppError('internal', 'it crashed'));
              ended.resolve();
            },
          });
        }),
    };
  };
  const pool = createPool({
    settings: () => settings,
    open,
    onChange: () => undefined,
    places,
    log: pino({ level: 'silent' }),
  });
  const submit = (payload: string, version = 1, signal = new AbortController().signal) =>
    pool.submit(version, payload, signal);
  return {
    pool,
    order,
    submit,
    opened: () => opened,
    refuseWith: (error: Error | null) => {
      refuse = error;
    },
    change(change: Partial<FunctionSettings>) {
      settings = { ...settings, ...change };
      pool.adjust();
    },
    /** Who is inside, once so many are. */
    async here(count: number) {
      await until(() => inside.length >= count);
      return inside.splice(0, count);
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const typeOf = ({ ending }: Answer) => ending.type;

it('serves in the order of coming, with as many instances as may be', async () => {
  const { pool, submit, here, order, opened } = fakePool();
  const answers = ['a', 'b', 'c', 'd'].map((payload) => submit(payload));
  const [a, b] = await here(2);
  expect(pool.counts()).toEqual({ running: 2, queued: 2, instances: 2 });
  b?.answer();
  a?.answer();
  for (const each of await here(2)) each.answer();
  expect((await Promise.all(answers)).map(typeOf)).toEqual(['answered', 'answered', 'answered', 'answered']);
  expect(order).toEqual(['a@1', 'b@1', 'c@1', 'd@1']);
  expect(opened()).toBe(2);
});

it('starts no more than are waited for, and takes the one that was used last', async () => {
  const { submit, here, opened, pool } = fakePool();
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = submit('a');
    for (const each of await here(1)) each.answer();
    expect(await answer).toMatchObject({ cold: turn === 0, startMs: turn === 0 ? expect.any(Number) : 0 });
  }
  expect(opened()).toBe(1);
  expect(pool.view()).toMatchObject([{ state: 'idle', served: 3 }]);
});

it('lets another version have the place of an idle instance, and nobody passes who waits for it', async () => {
  const { submit, here, order } = fakePool({ maxConcurrency: 1 });
  const answers = [submit('a', 1), submit('b', 2), submit('c', 1)];
  for (let turn = 0; turn < 3; turn += 1) for (const each of await here(1)) each.answer();
  expect((await Promise.all(answers)).map(typeOf)).toEqual(['answered', 'answered', 'answered']);
  expect(order).toEqual(['a@1', 'b@2', 'c@1']);
});

it('tells each who waits when no instance can be had, and goes on when it can', async () => {
  const { submit, here, refuseWith, pool } = fakePool({ maxConcurrency: 1 });
  refuseWith(new AppError('engine_unavailable', 'away'));
  const answers = await Promise.all([submit('a'), submit('b'), submit('c')]);
  expect(answers.map(typeOf)).toEqual(['failed', 'failed', 'failed']);
  expect(pool.counts()).toEqual({ running: 0, queued: 0, instances: 0 });
  refuseWith(null);
  const answer = submit('d');
  for (const each of await here(1)) each.answer();
  expect(typeOf(await answer)).toBe('answered');
});

it('does not use an instance again after a crash or a timeout, and fails nobody else', async () => {
  const { submit, here, opened, change } = fakePool();
  const answers = [submit('a')];
  const [first] = await here(1);
  change({ timeoutMs: 50 });
  answers.push(submit('b'));
  await here(1);
  change({ timeoutMs: defaultFunctionSettings.timeoutMs });
  answers.push(submit('c'));
  first?.crash();
  for (const each of await here(1)) each.answer();
  const [a, b, c] = await Promise.all(answers);
  expect(a?.ending).toMatchObject({ type: 'failed', error: { message: 'it crashed' } });
  expect(b?.ending).toEqual({ type: 'limit', limit: 'wallTimeMs' });
  expect(c && typeOf(c)).toBe('answered');
  expect(opened()).toBe(3);
});

it('cancels who waits without a trace, and who runs with the instance', async () => {
  const { submit, here, pool, order } = fakePool({ maxConcurrency: 1 });
  const cancels = [new AbortController(), new AbortController()];
  const answers = cancels.map(({ signal }, index) => submit(String(index), 1, signal));
  await here(1);
  cancels[1]?.abort();
  expect(pool.counts().queued).toBe(0);
  cancels[0]?.abort();
  expect((await Promise.all(answers)).map(typeOf)).toEqual(['cancelled', 'cancelled']);
  expect(order).toEqual(['0@1']);
  await until(() => pool.counts().instances === 0);
  const aborted = await submit('late', 1, AbortSignal.abort());
  expect(typeOf(aborted)).toBe('cancelled');
});

it('ends instances that are too many or idle for too long when settings change', async () => {
  const { submit, here, pool, change } = fakePool();
  const answers = [submit('a'), submit('b')];
  for (const each of await here(2)) each.answer();
  await Promise.all(answers);
  expect(pool.counts().instances).toBe(2);
  change({ maxConcurrency: 1 });
  await until(() => pool.counts().instances === 1);
  change({ idleTimeMs: 0 });
  await until(() => pool.counts().instances === 0);
});

it('makes the next instance ahead where each serves once, and no more after nobody came', async () => {
  const { submit, here, pool, opened } = fakePool({ idleTimeMs: 30, maxConcurrency: 1 }, createPlaces(9), true);
  const answer = submit('a');
  for (const each of await here(1)) each.answer();
  await answer;
  await until(() => pool.view()[0]?.state === 'idle' && pool.view()[0]?.served === 0);
  await until(() => pool.counts().instances === 0);
  expect(opened()).toBe(2);
});

it('closes with what runs, waits and starts', async () => {
  const { submit, here, pool } = fakePool();
  const answers = ['a', 'b', 'c'].map((payload) => submit(payload));
  await here(2);
  await pool.close(new AppError('cancelled', 'over'));
  expect((await Promise.all(answers)).map(typeOf)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(pool.counts()).toEqual({ running: 0, queued: 0, instances: 0 });

  const starting = fakePool();
  const cut = starting.submit('a');
  await starting.pool.close(new AppError('cancelled', 'over'));
  expect(typeOf(await cut)).toBe('cancelled');
});

it('shares places with other functions: the idlest makes way, and those who wait take turns', async () => {
  const places = createPlaces(2);
  const [one, two] = [fakePool({}, places), fakePool({}, places)];
  const first = [one.submit('a'), one.submit('b')];
  for (const each of await one.here(2)) each.answer();
  await Promise.all(first);
  expect(one.pool.counts().instances).toBe(2);

  // An idle one of the other function makes way.
  const own = two.submit('c');
  const [c] = await two.here(1);
  expect(one.pool.counts().instances).toBe(1);

  // None is idle: it waits until somebody's is.
  const busy = one.submit('d');
  const [d] = await one.here(1);
  const waiting = two.submit('e');
  expect(two.pool.counts()).toMatchObject({ running: 1, queued: 1, instances: 1 });
  d?.answer();
  expect(typeOf(await busy)).toBe('answered');
  for (const each of await two.here(1)) each.answer();
  expect(typeOf(await waiting)).toBe('answered');
  expect(two.pool.counts().running).toBe(1);
  c?.answer();
  expect(typeOf(await own)).toBe('answered');
});

it('offers a place to the next when the first who waited for it has gone', async () => {
  const places = createPlaces(1);
  const [one, two, three] = [fakePool({}, places), fakePool({}, places), fakePool({}, places)];
  const first = one.submit('a');
  const [a] = await one.here(1);
  const leaving = new AbortController();
  const left = two.submit('b', 1, leaving.signal);
  const last = three.submit('c');
  leaving.abort();
  expect(typeOf(await left)).toBe('cancelled');
  a?.crash();
  expect(typeOf(await first)).toBe('failed');
  for (const each of await three.here(1)) each.answer();
  expect(typeOf(await last)).toBe('answered');
});

it('ends no idle instance for somebody who waits no more', async () => {
  const places = createPlaces(1);
  const [one, two] = [fakePool({}, places), fakePool({}, places)];
  const first = one.submit('a');
  const [a] = await one.here(1);
  const leaving = new AbortController();
  const left = two.submit('b', 1, leaving.signal);
  leaving.abort();
  await left;
  a?.answer();
  await first;
  expect(one.pool.view()).toMatchObject([{ state: 'idle' }]);
});

it('tells of an instance that does not start in time', async () => {
  const pool = createPool({
    settings: () => defaultFunctionSettings,
    open: (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    onChange: () => undefined,
    places: createPlaces(1),
    startTimeoutMs: 5,
    log: pino({ level: 'silent' }),
  });
  const { ending } = await pool.submit(1, 'a', new AbortController().signal);
  expect(ending).toMatchObject({
    type: 'failed',
    error: { code: 'timeout', message: expect.stringContaining('0.005 s') },
  });
});
