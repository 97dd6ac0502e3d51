import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionChange } from '../../shared/contract/functions.ts';
import { FUNCTION_LABEL, type FunctionSettings, type FunctionSpecInput } from '../../shared/model/function.ts';
import { failure } from './testing/client.ts';
import { type HostProcess, makeHome, startHost } from './testing/host-process.ts';
import { waitFor } from './testing/wait-for.ts';

let home: Awaited<ReturnType<typeof makeHome>>;
let host: HostProcess;
/** A folder that handlers write to, so that what happens inside is seen from outside. */
let folder: string;

beforeAll(async () => {
  home = await makeHome();
  host = await startHost(home.path);
});
afterAll(async () => {
  await host?.stop();
  await home.remove();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-functions-'));
});
afterEach(async () => {
  for (const { id } of await host.client.functions.list({})) await host.client.functions.delete({ id });
  await rm(folder, { recursive: true });
});

const javascript = (text: string, more: Partial<FunctionSpecInput> = {}): FunctionSpecInput => ({
  engine: 'process',
  env: { FOLDER: folder },
  code: { type: 'javascript', text },
  ...more,
});
const python = (text: string): FunctionSpecInput => ({ engine: 'process', code: { type: 'python', text } });

let count = 0;
async function create(spec: FunctionSpecInput, settings: Partial<FunctionSettings> = {}) {
  count += 1;
  return (await host.client.functions.create({ name: `f${count}`, spec, settings })).id;
}
const invoke = (id: string, payload: unknown = null, version?: number) =>
  host.client.functions.invoke({ id, payload: JSON.stringify(payload), ...(version === undefined ? {} : { version }) });
const instances = async () =>
  (await host.client.sandboxes.list({})).filter(({ spec }) => spec?.labels[FUNCTION_LABEL] !== undefined);

test('a payload comes in, and a result, logs and figures come out', async () => {
  const id = await create(
    javascript(
      'export function handler({ a, b }, { env }) { console.log(env.WORD); console.error("hm"); return a + b; }',
      { env: { WORD: 'adding' } },
    ),
  );
  const answer = await invoke(id, { a: 1, b: 2 });
  expect(answer).toMatchObject({ outcome: { type: 'returned' }, result: '3', cold: true, version: 1 });
  expect(answer.logs).toContainEqual({ stream: 'stdout', text: 'adding\n' });
  expect(answer.logs).toContainEqual({ stream: 'stderr', text: 'hm\n' });
  expect(answer.cpuMs).toBeGreaterThan(0);
  expect(answer.peakMemoryBytes).toBeGreaterThan(1e6);
  expect(answer.startMs).toBeGreaterThan(0);
});

test.each([
  ['a function that is not exported', 'const handler = (x) => x + 1;'],
  ['an assignment to exports', 'exports.handler = (x) => x + 1;'],
  ['one that is named when it is exported', 'const own = async (x) => x + 1; export { own as handler };'],
  [
    'one that uses Node’s modules',
    'import { inspect } from "node:util"; const handler = (x) => Number(inspect(x)) + 1;',
  ],
])('JavaScript: %s', async (_, text) => {
  expect((await invoke(await create(javascript(text)), 1)).result).toBe('2');
});

test('Python: a handler, also an async one, and what it writes', async () => {
  const id = await create(
    python('def handler(x, context):\n    print("é")\n    return {"twice": x * 2, "none": None}'),
  );
  expect(await invoke(id, 4)).toMatchObject({
    result: '{"twice": 8, "none": null}',
    logs: [{ stream: 'stdout', text: 'é\n' }],
  });
  const later = await create(
    python('import asyncio\nasync def handler(x, context):\n    await asyncio.sleep(0)\n    return x'),
  );
  expect(await invoke(later, 'é')).toMatchObject({ result: '"é"' });
});

test('a command: payload on its input, JSON on its output', async () => {
  const command = (script: string): FunctionSpecInput => ({
    engine: 'process',
    code: { type: 'command', command: ['sh', '-c', script] },
  });
  const id = await create(command('echo reading >&2; cat'));
  expect(await invoke(id, { a: [1] })).toMatchObject({
    result: '{"a":[1]}',
    logs: [{ stream: 'stderr', text: 'reading\n' }],
    cpuMs: null,
  });
  expect(await invoke(await create(command('exit 3')))).toMatchObject({
    outcome: { type: 'threw', name: 'Exit', message: 'The command ended with code 3' },
  });
  expect(await invoke(await create(command('echo hello')))).toMatchObject({
    outcome: { type: 'threw', message: 'What the command wrote is not JSON' },
  });
});

test('what a handler throws has its stack and line, and what it wrote before', async () => {
  const id = await create(
    javascript('const inner = () => {\n  throw new TypeError("no");\n};\nexport const handler = () => inner();'),
  );
  const { outcome } = await invoke(id);
  expect(outcome).toMatchObject({ type: 'threw', name: 'TypeError', message: 'no' });
  expect(outcome.type === 'threw' && outcome.stack).toMatch(
    /inner \(function\.js:2:9\)\n\s+at handler \(function\.js:4:/,
  );

  const other = await create(python('def handler(x, context):\n    print("before")\n    raise KeyError(x)'));
  const answer = await invoke(other, 'a');
  expect(answer).toMatchObject({ outcome: { name: 'KeyError' }, logs: [{ text: 'before\n' }] });
  expect(answer.outcome.type === 'threw' && answer.outcome.stack).toContain(
    'File "function.py", line 3, in handler\n    raise KeyError(x)',
  );
});

test.each([
  ['a process that ends itself', javascript('export const handler = () => process.exit(3)'), 'Exit'],
  [
    'a rejection that nobody handles',
    javascript(
      'export const handler = () => { Promise.reject(new RangeError("x")); return new Promise(() => setInterval(() => 0, 1e3)) }',
    ),
    'RangeError',
  ],
  ['a result that is no JSON', javascript('export const handler = () => 1n'), 'TypeError'],
  ['a result that is not a number of JSON', python('def handler(x, context):\n    return float("nan")'), 'ValueError'],
])('%s is the handler’s error', async (_, spec, name) => {
  expect(await invoke(await create(spec))).toMatchObject({ outcome: { type: 'threw', name } });
});

test('a process that is killed, and one that never answers, fail only their invocation', async () => {
  const id = await create(
    javascript('export const handler = (x) => { if (x) process.kill(process.pid, "SIGKILL"); return 1; }'),
  );
  expect(await invoke(id, true)).toMatchObject({ outcome: { type: 'failed', error: { code: 'internal' } } });
  expect(await invoke(id, false)).toMatchObject({ result: '1' });
});

test('a loop without end is killed by the timeout, and nothing of it is left', async () => {
  const id = await create(javascript('export const handler = (x) => { while (x); return 1; }'), {
    timeoutMs: 1500,
    idleTimeMs: 0,
  });
  const answer = await invoke(id, true);
  expect(answer.outcome).toEqual({ type: 'limit', limit: 'wallTimeMs' });
  expect(answer.durationMs).toBeGreaterThanOrEqual(1490);
  await waitFor('the end of its instance', async () => (await instances()).length === 0);
  expect(await invoke(id, false)).toMatchObject({ result: '1' });
});

test('a result and logs are bounded', async () => {
  const id = await create(
    javascript('export const handler = (n) => { console.log("x".repeat(n)); return "y".repeat(n); }'),
  );
  expect(await invoke(id, 3e6)).toMatchObject({ outcome: { type: 'limit', limit: 'outputBytes' }, logsAreCut: true });
  const answer = await invoke(id, 300_000);
  expect(answer).toMatchObject({ outcome: { type: 'returned' }, logsAreCut: true });
  expect(answer.result).toHaveLength(300_002);
  const detail = await host.client.invocations.get({ id: answer.id });
  expect(detail).toMatchObject({
    kept: 'cut',
    result: { isCut: true },
    resultBytes: 300_002,
    payload: { isCut: false },
  });
  const flood = await create({ engine: 'process', code: { type: 'command', command: ['yes'] } });
  expect(await invoke(flood)).toMatchObject({ outcome: { type: 'limit', limit: 'outputBytes' } });
});

test('code that cannot be loaded is refused at once, with its line', async () => {
  const refused = (spec: FunctionSpecInput) => failure(host.client.functions.create({ name: 'bad', spec }));
  expect(await refused(javascript('let a = 1;\nlet b = ;'))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'spec.code.text', line: 2 },
  });
  expect(
    await refused(javascript('import fs from "node:fs";\nexport const a = 1;\nexport default () => {\n  a b;\n}')),
  ).toMatchObject({
    details: { line: 4 },
  });
  expect(await refused(python('def handler(x, context):\n    return x +'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('SyntaxError'),
    details: { line: 2 },
  });
  expect(await refused(python('import os\nraise ValueError("at once")'))).toMatchObject({ details: { line: 2 } });
  expect(await refused(javascript('const other = 1'))).toMatchObject({
    message: expect.stringContaining('no function handler'),
  });
  expect(await refused(javascript('1', { limits: { fuel: 5 } }))).toMatchObject({ code: 'unsupported' });
  expect(await refused({ engine: 'process', code: { type: 'module', path: '/x.wasm' } })).toMatchObject({
    code: 'unsupported',
  });
  expect(await host.client.functions.list({})).toEqual([]);
  expect(await instances()).toEqual([]);

  const { problems } = await host.client.functions.check({ spec: javascript('let b = ;') });
  expect(problems).toEqual([{ field: 'spec.code.text', message: expect.stringContaining('SyntaxError'), line: 1 }]);
  expect(await host.client.functions.check({ spec: javascript('const handler = () => 1') })).toEqual({ problems: [] });
});

test('each change of the code is a version, which can be looked at, invoked and made current again', async () => {
  const one = javascript('export const handler = () => 1');
  const two = javascript('export const handler = () => 2');
  const id = await create(one);
  expect(await host.client.functions.update({ id, spec: one })).toMatchObject({ version: 1 });
  expect(await host.client.functions.update({ id, spec: two, settings: { maxQueue: 3 } })).toMatchObject({
    version: 2,
    settings: { maxQueue: 3, maxConcurrency: 4 },
  });
  expect((await invoke(id)).result).toBe('2');
  expect(await invoke(id, null, 1)).toMatchObject({ result: '1', version: 1 });
  expect(await host.client.functions.version({ id, version: 1 })).toMatchObject({ isCurrent: false, spec: one });
  expect(await host.client.functions.setCurrent({ id, version: 1 })).toMatchObject({ version: 1, spec: one });
  expect((await invoke(id)).result).toBe('1');
  // A number is not given twice.
  expect(await host.client.functions.update({ id, spec: two })).toMatchObject({ version: 3 });
  const versions = await host.client.functions.versions({ id });
  expect(versions.map(({ version, isCurrent }) => [version, isCurrent])).toEqual([
    [3, true],
    [2, false],
    [1, false],
  ]);
  expect(await failure(invoke(id, null, 9))).toMatchObject({ code: 'not_found' });
  // Code that cannot be loaded changes nothing.
  expect((await failure(host.client.functions.update({ id, spec: javascript('{') }))).code).toBe('invalid_input');
  expect((await host.client.functions.get({ id })).version).toBe(3);
});

test('a name is given once', async () => {
  const spec: FunctionSpecInput = { engine: 'process', code: { type: 'command', command: ['cat'] } };
  await host.client.functions.create({ name: 'taken', spec });
  const other = await create(spec);
  expect(await failure(host.client.functions.create({ name: 'taken', spec }))).toMatchObject({
    code: 'conflict',
    details: { field: 'name' },
  });
  expect((await failure(host.client.functions.rename({ id: other, name: 'taken' }))).code).toBe('conflict');
  expect((await host.client.functions.rename({ id: other, name: 'free' })).name).toBe('free');
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
  const id = await create(javascript(crowd), { maxConcurrency: 2 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => invoke(id)));
  const seen = answers.map(({ result }) => Number(result));
  expect(Math.max(...seen)).toBe(2);
  expect(answers.filter(({ queueMs }) => queueMs > 100).length).toBeGreaterThanOrEqual(2);
});

/** Waits until it may go on. */
const gate = `import fs from 'node:fs';
export async function handler(name) {
  fs.appendFileSync(process.env.FOLDER + '/order', name);
  while (!fs.existsSync(process.env.FOLDER + '/open')) await new Promise((resolve) => setTimeout(resolve, 10));
  return name;
}`;
const openGate = () => writeFile(join(folder, 'open'), '');
const order = () => readFile(join(folder, 'order'), 'utf8');
const isInside = (name: string) =>
  waitFor(`${name} inside`, async () => (await order().catch(() => '')).includes(name));

test('who comes too much is told so with the numbers, and who waits is served in turn', async () => {
  const id = await create(javascript(gate), { maxConcurrency: 1, maxQueue: 2 });
  const first = invoke(id, 'a');
  await isInside('a');
  const waiting = [];
  for (const name of ['b', 'c']) {
    waiting.push(invoke(id, name));
    await waitFor(name, async () => (await host.client.functions.get({ id })).queued === waiting.length);
  }
  expect(await failure(invoke(id, 'd'))).toMatchObject({
    code: 'limit_exceeded',
    details: { running: 1, queued: 2, maxConcurrency: 1, maxQueue: 2 },
  });
  await openGate();
  expect((await Promise.all([first, ...waiting])).map(({ result }) => result)).toEqual(['"a"', '"b"', '"c"']);
  expect(await order()).toBe('abc');
});

test('cancelled: while it runs its process ends, while it waits it leaves', async () => {
  const id = await create(javascript(gate), { maxConcurrency: 1, idleTimeMs: 0 });
  const cancel = new AbortController();
  const call = (name: string) =>
    host.client.functions.invoke({ id, payload: JSON.stringify(name) }, { signal: cancel.signal });
  const calls = [call('a'), call('b')].map((each) => each.catch(() => 'gone'));
  await isInside('a');
  await waitFor('the other', async () => (await host.client.functions.get({ id })).queued === 1);
  cancel.abort();
  expect(await Promise.all(calls)).toEqual(['gone', 'gone']);
  const history = await waitFor('both in the history', async () => {
    const all = await host.client.invocations.list({ functionId: id });
    return all.length === 2 && all;
  });
  expect(history.map(({ outcome }) => outcome.type)).toEqual(['cancelled', 'cancelled']);
  await waitFor('the end of the instance', async () => (await instances()).length === 0);
  expect(await order()).toBe('a');
  expect(await host.client.functions.get({ id })).toMatchObject({ running: 0, queued: 0, instances: 0 });
});

const counter = `import fs from 'node:fs';
export function handler() {
  const before = fs.existsSync('count') ? Number(fs.readFileSync('count')) : 0;
  fs.writeFileSync('count', String(before + 1));
  return before;
}`;

test('an invocation finds nothing of an earlier one, unless that is wanted', async () => {
  const id = await create(javascript(counter), { maxConcurrency: 1 });
  const results = async () => {
    const all = [];
    for (let turn = 0; turn < 3; turn += 1) all.push((await invoke(id)).result);
    return all;
  };
  expect(await results()).toEqual(['0', '0', '0']);
  await host.client.functions.update({ id, settings: { keepState: true } });
  expect(await results()).toEqual(['0', '1', '2']);
  const [instance] = await host.client.functions.instances({ id });
  expect(instance).toMatchObject({ state: 'idle', served: 3, version: 1, pid: null });
});

test('an instance is a sandbox in the list, is ready before it is needed, and is let go when nobody comes', async () => {
  const id = await create(javascript('export const handler = () => 1'), { idleTimeMs: 60_000, maxConcurrency: 1 });
  expect(await host.client.functions.instances({ id })).toEqual([]);
  expect(await invoke(id)).toMatchObject({ cold: true });
  const spare = await waitFor('one that waits', async () =>
    (await host.client.functions.instances({ id })).find(({ state, served }) => state === 'idle' && served === 0),
  );
  expect(await instances()).toMatchObject([
    { id: spare.sandboxId, state: 'running', spec: { labels: { [FUNCTION_LABEL]: id } } },
  ]);
  // Destroyed by hand: another one is started.
  await host.client.sandboxes.destroy({ id: spare.sandboxId ?? '' });
  expect(await invoke(id)).toMatchObject({ result: '1' });
  await host.client.functions.update({ id, settings: { idleTimeMs: 1 } });
  await waitFor('none', async () => (await instances()).length === 0);
  expect(await host.client.functions.get({ id })).toMatchObject({ instances: 0 });
  const events = await host.client.events.list({});
  expect(events.filter(({ sandboxName }) => sandboxName?.startsWith(`f${count}-`))).toEqual([]);
});

test('a sandbox that is destroyed while it runs an invocation fails that one only', async () => {
  const id = await create(javascript(gate), { maxConcurrency: 2 });
  const lost = invoke(id, 'a');
  await isInside('a');
  const [first] = await host.client.functions.instances({ id });
  const kept = invoke(id, 'b');
  await isInside('b');
  await host.client.sandboxes.destroy({ id: first?.sandboxId ?? '' });
  expect((await lost).outcome.type).toBe('failed');
  await openGate();
  expect((await kept).result).toBe('"b"');
});

test('the labels by which instances are found are nobody else’s to set', async () => {
  const labels = { [FUNCTION_LABEL]: 'fun_0123456789abcdefghij' };
  const spec = { engine: 'process', source: { type: 'empty' }, labels } as const;
  expect(await failure(host.client.sandboxes.validate({ spec }))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'spec.labels' },
  });
});

test('deletion ends its instances and what they do, and takes its history along', async () => {
  const id = await create(javascript(gate));
  const running = invoke(id, 'a');
  await isInside('a');
  const [{ id: sandbox = '' } = {}] = await instances();
  await host.client.functions.delete({ id });
  expect((await running).outcome).toEqual({ type: 'cancelled' });
  expect((await failure(host.client.sandboxes.get({ id: sandbox }))).code).toBe('not_found');
  expect((await failure(invoke(id))).code).toBe('not_found');
  expect((await failure(host.client.invocations.list({ functionId: id }))).code).toBe('not_found');
});

test('the history has what went in and out, page by page, and figures of it', async () => {
  const id = await create(
    javascript('export const handler = (x) => { if (x === 2) throw new Error("two"); return x; }'),
  );
  for (const each of [1, 2, 3]) await invoke(id, each);
  const [newest, second] = await host.client.invocations.list({ functionId: id, limit: 2 });
  expect(newest).toMatchObject({ outcome: { type: 'returned' }, payloadBytes: 1, resultBytes: 1 });
  expect(second).toMatchObject({ outcome: { type: 'threw', message: 'two' } });
  expect(await host.client.invocations.list({ functionId: id, before: second?.id })).toHaveLength(1);
  expect(await host.client.invocations.get({ id: newest?.id ?? '' })).toMatchObject({
    kept: 'whole',
    payload: { text: '3', isCut: false },
    result: { text: '3', isCut: false },
  });
  const figures = await host.client.functions.statistics({ id });
  expect(figures).toMatchObject({ count: 3, errors: 1, outcomes: { returned: 2, threw: 1, limit: 0 } });
  expect(figures.histogram.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(3);
  const { p50 = 0, p99 = 0 } = figures.duration ?? {};
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50);

  await host.client.functions.update({ id, settings: { keepPayloads: false } });
  expect((await invoke(id, 4)).result).toBe('4');
  await invoke(id, 2);
  const [thrown, returned] = await host.client.invocations.list({ functionId: id, limit: 2 });
  expect(thrown?.outcome).toEqual({ type: 'threw', name: 'Error', message: null, stack: null });
  expect(await host.client.invocations.get({ id: returned?.id ?? '' })).toMatchObject({
    kept: 'off',
    payload: null,
    result: null,
    payloadBytes: 1,
  });
});

test('watching tells of all functions, and then of what changes', async () => {
  const stream = await host.client.functions.watch({});
  const until = async (fits: (change: FunctionChange) => boolean) => {
    for (;;) {
      const item = await stream.next();
      if (item.done) throw new Error('the stream has ended');
      if (fits(item.value)) return item.value;
    }
  };
  expect(await until(() => true)).toEqual({ type: 'snapshot', functions: [] });
  const id = await create({ engine: 'process', code: { type: 'command', command: ['cat'] } });
  expect(await until(({ type }) => type === 'upsert')).toMatchObject({ function: { id, last: null, version: 1 } });
  await invoke(id);
  await until((change) => change.type === 'upsert' && change.function.last?.outcome === 'returned');
  await host.client.functions.delete({ id });
  await until((change) => change.type === 'remove' && change.id === id);
  await stream.return?.();
});

describe('a host that ends', () => {
  const left = async () => (await readdir(join(home.path, 'sandboxes'))).sort();

  test('takes its instances with it; functions, versions and history are there again', async () => {
    const id = await create(javascript('export const handler = (x) => x'), { keepState: true });
    await invoke(id, 'kept');
    expect(await left()).toHaveLength(1);
    await host.stop();
    expect(await left()).toEqual([]);
    host = await startHost(home.path);
    expect(await host.client.functions.list({})).toMatchObject([{ id, instances: 0, last: { outcome: 'returned' } }]);
    const [invocation] = await host.client.invocations.list({ functionId: id });
    expect(await host.client.invocations.get({ id: invocation?.id ?? '' })).toMatchObject({
      payload: { text: '"kept"' },
    });
    expect((await invoke(id, 'again')).result).toBe('"again"');
  });

  test('by force: the next one ends what it has left', async () => {
    const id = await create(javascript(gate));
    const cut = invoke(id, 'a').catch(() => 'the connection broke');
    await isInside('a');
    const [sandbox = ''] = await left();
    await host.kill();
    expect(await left()).toEqual([sandbox]);
    host = await startHost(home.path);
    await waitFor('nothing', async () => (await left()).length === 0);
    expect(await cut).toBe('the connection broke');
    expect(await host.client.functions.list({})).toMatchObject([{ id, running: 0 }]);
  });
});
