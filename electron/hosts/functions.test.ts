import { expect, test } from 'vitest';
import type { FunctionChange } from '../../shared/contract/functions.ts';
import type { FunctionSpecInput } from '../../shared/model/function.ts';
import { failure } from './testing/failure.ts';
import { withFunctions } from './testing/functions.ts';
import { waitFor } from './testing/wait-for.ts';

const bench = withFunctions('process');
const python = (text: string): FunctionSpecInput => ({ engine: 'process', code: { type: 'python', text } });

test('a payload comes in, and a result, logs and figures come out', async () => {
  const id = await bench.create(
    bench.javascript(
      'export function handler({ a, b }, { env }) { console.log(env.WORD); console.error("hm"); return a + b; }',
      { env: { WORD: 'adding' } },
    ),
  );
  const answer = await bench.invoke(id, { a: 1, b: 2 });
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
  expect((await bench.invoke(await bench.create(bench.javascript(text)), 1)).result).toBe('2');
});

test('Python: a handler, also an async one, and what it writes', async () => {
  const id = await bench.create(
    python('def handler(x, context):\n    print("é")\n    return {"twice": x * 2, "none": None}'),
  );
  expect(await bench.invoke(id, 4)).toMatchObject({
    result: '{"twice": 8, "none": null}',
    logs: [{ stream: 'stdout', text: 'é\n' }],
  });
  const later = await bench.create(
    python('import asyncio\nasync def handler(x, context):\n    await asyncio.sleep(0)\n    return x'),
  );
  expect(await bench.invoke(later, 'é')).toMatchObject({ result: '"é"' });
});

test('a command: payload on its input, JSON on its output', async () => {
  const command = (script: string): FunctionSpecInput => ({
    engine: 'process',
    code: { type: 'command', command: ['sh', '-c', script] },
  });
  const id = await bench.create(command('echo reading >&2; cat'));
  expect(await bench.invoke(id, { a: [1] })).toMatchObject({
    result: '{"a":[1]}',
    logs: [{ stream: 'stderr', text: 'reading\n' }],
    cpuMs: null,
  });
  expect(await bench.invoke(await bench.create(command('exit 3')))).toMatchObject({
    outcome: { type: 'threw', name: 'Exit', message: 'The command ended with code 3' },
  });
  expect(await bench.invoke(await bench.create(command('echo hello')))).toMatchObject({
    outcome: { type: 'threw', message: 'What the command wrote is not JSON' },
  });
});

test('what a handler throws has its stack and line, and what it wrote before', async () => {
  const id = await bench.create(
    bench.javascript('const inner = () => {\n  throw new TypeError("no");\n};\nexport const handler = () => inner();'),
  );
  const { outcome } = await bench.invoke(id);
  expect(outcome).toMatchObject({ type: 'threw', name: 'TypeError', message: 'no' });
  expect(outcome.type === 'threw' && outcome.stack).toMatch(
    /inner \(function\.js:2:9\)\n\s+at handler \(function\.js:4:/,
  );

  const other = await bench.create(python('def handler(x, context):\n    print("before")\n    raise KeyError(x)'));
  const answer = await bench.invoke(other, 'a');
  expect(answer).toMatchObject({ outcome: { name: 'KeyError' }, logs: [{ text: 'before\n' }] });
  expect(answer.outcome.type === 'threw' && answer.outcome.stack).toContain(
    'File "function.py", line 3, in handler\n    raise KeyError(x)',
  );
});

test.each([
  ['a process that ends itself', bench.javascript('export const handler = () => process.exit(3)'), 'Exit'],
  [
    'a rejection that nobody handles',
    bench.javascript(
      'export const handler = () => { Promise.reject(new RangeError("x")); return new Promise(() => setInterval(() => 0, 1e3)) }',
    ),
    'RangeError',
  ],
  ['a result that is no JSON', bench.javascript('export const handler = () => 1n'), 'TypeError'],
  ['a result that is not a number of JSON', python('def handler(x, context):\n    return float("nan")'), 'ValueError'],
])('%s is the handler’s error', async (_, spec, name) => {
  expect(await bench.invoke(await bench.create(spec))).toMatchObject({ outcome: { type: 'threw', name } });
});

test('a result and logs are bounded', async () => {
  const id = await bench.create(
    bench.javascript('export const handler = (n) => { console.log("x".repeat(n)); return "y".repeat(n); }'),
  );
  expect(await bench.invoke(id, 3e6)).toMatchObject({
    outcome: { type: 'limit', limit: 'outputBytes' },
    logsAreCut: true,
  });
  const answer = await bench.invoke(id, 300_000);
  expect(answer).toMatchObject({ outcome: { type: 'returned' }, logsAreCut: true });
  expect(answer.result).toHaveLength(300_002);
  const detail = await bench.host.client.invocations.get({ id: answer.id });
  expect(detail).toMatchObject({
    kept: 'cut',
    result: { isCut: true },
    resultBytes: 300_002,
    payload: { isCut: false },
  });
  const flood = await bench.create({ engine: 'process', code: { type: 'command', command: ['yes'] } });
  expect(await bench.invoke(flood)).toMatchObject({ outcome: { type: 'limit', limit: 'outputBytes' } });
});

test('code that cannot be loaded is refused at once, with its line', async () => {
  const refused = (spec: FunctionSpecInput) => failure(bench.host.client.functions.create({ name: 'bad', spec }));
  expect(await refused(bench.javascript('let a = 1;\nlet b = ;'))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'spec.code.text', line: 2 },
  });
  expect(
    await refused(
      bench.javascript('import fs from "node:fs";\nexport const a = 1;\nexport default () => {\n  a b;\n}'),
    ),
  ).toMatchObject({
    details: { line: 4 },
  });
  expect(await refused(python('def handler(x, context):\n    return x +'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('SyntaxError'),
    details: { line: 2 },
  });
  expect(await refused(python('import os\nraise ValueError("at once")'))).toMatchObject({ details: { line: 2 } });
  expect(await refused(bench.javascript('const other = 1'))).toMatchObject({
    message: expect.stringContaining('no function handler'),
  });
  expect(await refused(bench.javascript('1', { limits: { fuel: 5 } }))).toMatchObject({ code: 'unsupported' });
  expect(await refused({ engine: 'process', code: { type: 'module', path: '/x.wasm' } })).toMatchObject({
    code: 'unsupported',
  });
  expect(await bench.host.client.functions.list({})).toEqual([]);
  expect(await bench.sandboxes()).toEqual([]);

  const { problems } = await bench.host.client.functions.check({ spec: bench.javascript('let b = ;') });
  expect(problems).toEqual([{ field: 'spec.code.text', message: expect.stringContaining('SyntaxError'), line: 1 }]);
  expect(await bench.host.client.functions.check({ spec: bench.javascript('const handler = () => 1') })).toEqual({
    problems: [],
  });
});

test('each change of the code is a version, which can be looked at, invoked and made current again', async () => {
  const one = bench.javascript('export const handler = () => 1');
  const two = bench.javascript('export const handler = () => 2');
  const id = await bench.create(one);
  expect(await bench.host.client.functions.update({ id, spec: one })).toMatchObject({ version: 1 });
  expect(await bench.host.client.functions.update({ id, spec: two, settings: { maxQueue: 3 } })).toMatchObject({
    version: 2,
    settings: { maxQueue: 3, maxConcurrency: 4 },
  });
  expect((await bench.invoke(id)).result).toBe('2');
  expect(await bench.invoke(id, null, 1)).toMatchObject({ result: '1', version: 1 });
  expect(await bench.host.client.functions.version({ id, version: 1 })).toMatchObject({ isCurrent: false, spec: one });
  expect(await bench.host.client.functions.setCurrent({ id, version: 1 })).toMatchObject({ version: 1, spec: one });
  expect((await bench.invoke(id)).result).toBe('1');
  // A number is not given twice.
  expect(await bench.host.client.functions.update({ id, spec: two })).toMatchObject({ version: 3 });
  const versions = await bench.host.client.functions.versions({ id });
  expect(versions.map(({ version, isCurrent }) => [version, isCurrent])).toEqual([
    [3, true],
    [2, false],
    [1, false],
  ]);
  expect(await failure(bench.invoke(id, null, 9))).toMatchObject({ code: 'not_found' });
  // Code that cannot be loaded changes nothing.
  expect((await failure(bench.host.client.functions.update({ id, spec: bench.javascript('{') }))).code).toBe(
    'invalid_input',
  );
  expect((await bench.host.client.functions.get({ id })).version).toBe(3);
});

test('code that never comes to its end keeps nobody from changing the function', async () => {
  const id = await bench.create(bench.javascript('export const handler = () => 1'));
  const { functions } = bench.host.client;
  const endless = bench.javascript(
    'import fs from "node:fs";\nfs.writeFileSync(process.env.FOLDER + "/order", "x");\nwhile (true);',
  );
  const cancel = new AbortController();
  const updating = expect(functions.update({ id, spec: endless }, { signal: cancel.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
  await bench.isInside('x');
  expect((await functions.rename({ id, name: 'renamed' })).name).toBe('renamed');
  const other = await functions.update({ id, spec: bench.javascript('export const handler = () => 2') });
  expect(other.version).toBe(2);
  await functions.delete({ id });
  cancel.abort();
  await updating;
  await waitFor('no sandbox', async () => (await bench.sandboxes()).length === 0 || undefined);
});

test('a name is given once', async () => {
  const spec: FunctionSpecInput = { engine: 'process', code: { type: 'command', command: ['cat'] } };
  await bench.host.client.functions.create({ name: 'taken', spec });
  const other = await bench.create(spec);
  expect(await failure(bench.host.client.functions.create({ name: 'taken', spec }))).toMatchObject({
    code: 'conflict',
    details: { field: 'name' },
  });
  expect((await failure(bench.host.client.functions.rename({ id: other, name: 'taken' }))).code).toBe('conflict');
  expect((await bench.host.client.functions.rename({ id: other, name: 'free' })).name).toBe('free');
});

test('the history has what went in and out, page by page, and figures of it', async () => {
  const id = await bench.create(
    bench.javascript('export const handler = (x) => { if (x === 2) throw new Error("two"); return x; }'),
  );
  for (const each of [1, 2, 3]) await bench.invoke(id, each);
  const [newest, second] = await bench.host.client.invocations.list({ functionId: id, limit: 2 });
  expect(newest).toMatchObject({ outcome: { type: 'returned' }, payloadBytes: 1, resultBytes: 1 });
  expect(second).toMatchObject({ outcome: { type: 'threw', message: 'two' } });
  expect(await bench.host.client.invocations.list({ functionId: id, before: second?.id })).toHaveLength(1);
  expect(await bench.host.client.invocations.get({ id: newest?.id ?? '' })).toMatchObject({
    kept: 'whole',
    payload: { text: '3', isCut: false },
    result: { text: '3', isCut: false },
  });
  const figures = await bench.host.client.functions.statistics({ id });
  expect(figures).toMatchObject({ count: 3, errors: 1, outcomes: { returned: 2, threw: 1, limit: 0 } });
  expect(figures.histogram.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(3);
  const { p50 = 0, p99 = 0 } = figures.duration ?? {};
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50);

  await bench.host.client.functions.update({ id, settings: { keepPayloads: false } });
  expect((await bench.invoke(id, 4)).result).toBe('4');
  await bench.invoke(id, 2);
  const [thrown, returned] = await bench.host.client.invocations.list({ functionId: id, limit: 2 });
  expect(thrown?.outcome).toEqual({ type: 'threw', name: 'Error', message: null, stack: null });
  expect(await bench.host.client.invocations.get({ id: returned?.id ?? '' })).toMatchObject({
    kept: 'off',
    payload: null,
    result: null,
    payloadBytes: 1,
  });
});

test('watching tells of all functions, and then of what changes', async () => {
  const stream = await bench.host.client.functions.watch({});
  const until = async (fits: (change: FunctionChange) => boolean) => {
    for (;;) {
      const item = await stream.next();
      if (item.done) throw new Error('the stream has ended');
      if (fits(item.value)) return item.value;
    }
  };
  expect(await until(() => true)).toEqual({ type: 'snapshot', functions: [] });
  const id = await bench.create({ engine: 'process', code: { type: 'command', command: ['cat'] } });
  expect(await until(({ type }) => type === 'upsert')).toMatchObject({ function: { id, last: null, version: 1 } });
  await bench.invoke(id);
  await until((change) => change.type === 'upsert' && change.function.last?.outcome === 'returned');
  await bench.host.client.functions.delete({ id });
  await until((change) => change.type === 'remove' && change.id === id);
  await stream.return?.();
});
