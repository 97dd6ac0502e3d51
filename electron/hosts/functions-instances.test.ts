import { describe, expect, test } from 'vitest';
import { FUNCTION_LABEL } from '../../shared/model/function.ts';
import { failure } from './testing/failure.ts';
import { gated, withFunctions } from './testing/functions.ts';
import { waitFor } from './testing/wait-for.ts';

const bench = withFunctions('process');

test('a process that is killed fails only its invocation', async () => {
  const id = await bench.create(
    bench.javascript('export const handler = (x) => { if (x) process.kill(process.pid, "SIGKILL"); return 1; }'),
  );
  expect(await bench.invoke(id, true)).toMatchObject({ outcome: { type: 'failed', error: { code: 'internal' } } });
  expect(await bench.invoke(id, false)).toMatchObject({ result: '1' });
});

test('a loop without end is killed by the timeout, and nothing of it is left', async () => {
  const id = await bench.create(bench.javascript('export const handler = (x) => { while (x); return 1; }'), {
    timeoutMs: 1500,
    idleTimeMs: 0,
  });
  const answer = await bench.invoke(id, true);
  expect(answer.outcome).toEqual({ type: 'limit', limit: 'wallTimeMs' });
  expect(answer.durationMs).toBeGreaterThanOrEqual(1490);
  await waitFor('the end of its instance', async () => (await bench.sandboxes()).length === 0);
  expect(await bench.invoke(id, false)).toMatchObject({ result: '1' });
});

/** Tells how many others are inside. */
const crowd = `import fs from 'node:fs';
export async function handler() {
  const own = process.env.FOLDER + '/' + process.pid;
  fs.writeFileSync(own, '');
  let most = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    most = Math.max(most, fs.readdirSync(process.env.FOLDER).length);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  fs.unlinkSync(own);
  return most;
}`;

test('as many run at once as may, and no more', async () => {
  const id = await bench.create(bench.javascript(crowd), { maxConcurrency: 2 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => bench.invoke(id)));
  const seen = answers.map(({ result }) => Number(result));
  expect(Math.max(...seen)).toBe(2);
  expect(answers.filter(({ queueMs }) => queueMs > 100).length).toBeGreaterThanOrEqual(2);
});

test('who comes too much is told so with the numbers, and who waits is served in turn', async () => {
  const id = await bench.create(bench.javascript(gated), { maxConcurrency: 1, maxQueue: 2 });
  const first = bench.invoke(id, 'a');
  await bench.isInside('a');
  const waiting = [];
  for (const name of ['b', 'c']) {
    waiting.push(bench.invoke(id, name));
    await waitFor(name, async () => (await bench.host.client.functions.get({ id })).queued === waiting.length);
  }
  expect(await failure(bench.invoke(id, 'd'))).toMatchObject({
    code: 'limit_exceeded',
    details: { running: 1, queued: 2, maxConcurrency: 1, maxQueue: 2 },
  });
  await bench.openGate();
  expect((await Promise.all([first, ...waiting])).map(({ result }) => result)).toEqual(['"a"', '"b"', '"c"']);
  expect(await bench.order()).toBe('abc');
});

test('cancelled: while it runs its process ends, while it waits it leaves', async () => {
  const id = await bench.create(bench.javascript(gated), { maxConcurrency: 1, idleTimeMs: 0 });
  const cancel = new AbortController();
  const call = (name: string) =>
    bench.host.client.functions.invoke({ id, payload: JSON.stringify(name) }, { signal: cancel.signal });
  const calls = [call('a'), call('b')].map((each) => each.catch(() => 'gone'));
  await bench.isInside('a');
  await waitFor('the other', async () => (await bench.host.client.functions.get({ id })).queued === 1);
  cancel.abort();
  expect(await Promise.all(calls)).toEqual(['gone', 'gone']);
  const history = await waitFor('both in the history', async () => {
    const all = await bench.host.client.invocations.list({ functionId: id });
    return all.length === 2 && all;
  });
  expect(history.map(({ outcome }) => outcome.type)).toEqual(['cancelled', 'cancelled']);
  await waitFor('the end of the instance', async () => (await bench.sandboxes()).length === 0);
  expect(await bench.order()).toBe('a');
  expect(await bench.host.client.functions.get({ id })).toMatchObject({ running: 0, queued: 0, instances: 0 });
});

const counter = `import fs from 'node:fs';
export function handler() {
  const before = fs.existsSync('count') ? Number(fs.readFileSync('count')) : 0;
  fs.writeFileSync('count', String(before + 1));
  return before;
}`;

test('an invocation finds nothing of an earlier one, unless that is wanted', async () => {
  const id = await bench.create(bench.javascript(counter), { maxConcurrency: 1 });
  const results = async () => {
    const all = [];
    for (let turn = 0; turn < 3; turn += 1) all.push((await bench.invoke(id)).result);
    return all;
  };
  expect(await results()).toEqual(['0', '0', '0']);
  await bench.host.client.functions.update({ id, settings: { keepState: true } });
  expect(await results()).toEqual(['0', '1', '2']);
  const [instance] = await bench.host.client.functions.instances({ id });
  expect(instance).toMatchObject({ state: 'idle', served: 3, version: 1, pid: null });
});

test('an instance is a sandbox in the list, is ready before it is needed, and is let go when nobody comes', async () => {
  const id = await bench.create(bench.javascript('export const handler = () => 1'), {
    idleTimeMs: 60_000,
    maxConcurrency: 1,
  });
  expect(await bench.host.client.functions.instances({ id })).toEqual([]);
  expect(await bench.invoke(id)).toMatchObject({ cold: true });
  const spare = await waitFor('one that waits', async () =>
    (await bench.host.client.functions.instances({ id })).find(({ state, served }) => state === 'idle' && served === 0),
  );
  expect(await bench.sandboxes()).toMatchObject([
    { id: spare.sandboxId, state: 'running', spec: { labels: { [FUNCTION_LABEL]: id } } },
  ]);
  expect(await bench.invoke(id)).toMatchObject({ cold: false, startMs: 0 });
  // Destroyed by hand: another one is started.
  const [next] = await waitFor('the next', async () => {
    const all = await bench.sandboxes();
    return all.length === 1 && all[0]?.id !== spare.sandboxId && all[0]?.state === 'running' && all;
  });
  await bench.host.client.sandboxes.destroy({ id: next?.id ?? '' });
  expect(await bench.invoke(id)).toMatchObject({ result: '1' });
  await bench.host.client.functions.update({ id, settings: { idleTimeMs: 1 } });
  await waitFor('none', async () => (await bench.sandboxes()).length === 0);
  expect(await bench.host.client.functions.get({ id })).toMatchObject({ instances: 0 });
  const events = await bench.host.client.events.list({});
  expect(events.filter(({ sandboxId }) => sandboxId === spare.sandboxId)).toEqual([]);
});

test('a sandbox that is destroyed while it runs an invocation fails that one only', async () => {
  const id = await bench.create(bench.javascript(gated), { maxConcurrency: 2 });
  const lost = bench.invoke(id, 'a');
  await bench.isInside('a');
  const [first] = await bench.host.client.functions.instances({ id });
  const kept = bench.invoke(id, 'b');
  await bench.isInside('b');
  await bench.host.client.sandboxes.destroy({ id: first?.sandboxId ?? '' });
  expect((await lost).outcome.type).toBe('failed');
  await bench.openGate();
  expect((await kept).result).toBe('"b"');
});

test('the labels by which instances are found are nobody else’s to set', async () => {
  const labels = { [FUNCTION_LABEL]: 'fun_0123456789abcdefghij' };
  const spec = { engine: 'process', source: { type: 'empty' }, labels } as const;
  expect(await failure(bench.host.client.sandboxes.validate({ spec }))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'spec.labels' },
  });
});

test('deletion ends its instances and what they do, and takes its history along', async () => {
  const id = await bench.create(bench.javascript(gated));
  const running = bench.invoke(id, 'a');
  await bench.isInside('a');
  const [{ id: sandbox = '' } = {}] = await bench.sandboxes();
  await bench.host.client.functions.delete({ id });
  expect((await running).outcome).toEqual({ type: 'cancelled' });
  expect((await failure(bench.host.client.sandboxes.get({ id: sandbox }))).code).toBe('not_found');
  expect((await failure(bench.invoke(id))).code).toBe('not_found');
  expect((await failure(bench.host.client.invocations.list({ functionId: id }))).code).toBe('not_found');
});

describe('a host that ends', () => {
  test('takes its instances with it; functions, versions and history are there again', async () => {
    const id = await bench.create(bench.javascript('export const handler = (x) => x'), { keepState: true });
    await bench.invoke(id, 'kept');
    expect(await bench.leftOnDisk()).toHaveLength(1);
    await bench.host.stop();
    expect(await bench.leftOnDisk()).toEqual([]);
    await bench.host.start();
    expect(await bench.host.client.functions.list({})).toMatchObject([
      { id, instances: 0, last: { outcome: 'returned' } },
    ]);
    const [invocation] = await bench.host.client.invocations.list({ functionId: id });
    expect(await bench.host.client.invocations.get({ id: invocation?.id ?? '' })).toMatchObject({
      payload: { text: '"kept"' },
    });
    expect((await bench.invoke(id, 'again')).result).toBe('"again"');
  });

  test('waits until what it loads to look at is gone too', async () => {
    const spec = bench.javascript('await new Promise((resolve) => setInterval(() => resolve, 1000));');
    const cut = bench.host.client.functions.create({ name: 'slow', spec }).catch(() => 'refused');
    await waitFor('its sandbox', async () => (await bench.sandboxes())[0]?.state === 'running');
    await bench.host.stop();
    expect(await cut).toBe('refused');
    expect(await bench.leftOnDisk()).toEqual([]);
    await bench.host.start();
    expect(await bench.host.client.functions.list({})).toEqual([]);
  });

  test('by force: the next one ends what it has left', async () => {
    const id = await bench.create(bench.javascript(gated));
    const cut = bench.invoke(id, 'a').catch(() => 'the connection broke');
    await bench.isInside('a');
    const [sandbox = ''] = await bench.leftOnDisk();
    await bench.host.kill();
    expect(await bench.leftOnDisk()).toEqual([sandbox]);
    await bench.host.start();
    await waitFor('nothing', async () => (await bench.leftOnDisk()).length === 0);
    expect(await cut).toBe('the connection broke');
    expect(await bench.host.client.functions.list({})).toMatchObject([{ id, running: 0 }]);
  });
});
