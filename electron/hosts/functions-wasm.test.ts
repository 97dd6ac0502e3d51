import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failure } from './testing/failure.ts';
import { withFunctions } from './testing/functions.ts';
import { waitFor } from './testing/wait-for.ts';

const bench = withFunctions('wasm');
const javascript = (text: string) => bench.javascript(text, { env: {} });

const isAlive = async (pid: number) => (await readdir('/proc')).includes(String(pid));

async function onlyInstance(id: string): Promise<{ readonly pid: number; readonly served: number }> {
  const [found, ...others] = await bench.host.client.functions.instances({ id });
  if (found?.pid == null || others.length > 0) throw new Error('there is not one instance');
  return { pid: found.pid, served: found.served };
}

test('an instance is loaded once, answers often, and is no sandbox', async () => {
  const id = await bench.create(
    bench.javascript('export const handler = ({ a }, { env }) => { console.log(env.WORD); return a + 1; }', {
      env: { WORD: 'hello' },
      limits: { fuel: 10_000_000, memoryBytes: 64 * 1024 * 1024 },
    }),
  );
  const first = await bench.invoke(id, { a: 1 });
  expect(first).toMatchObject({ result: '2', cold: true, logs: [{ stream: 'stdout', text: 'hello\n' }] });
  const second = await bench.invoke(id, { a: 1 });
  expect(second).toMatchObject({ result: '2', cold: false, startMs: 0 });
  expect(second.fuelConsumed).toBeGreaterThan(0);
  expect(second.fuelConsumed).toBe(first.fuelConsumed);
  expect(second.peakMemoryBytes).toBeGreaterThan(0);
  expect(await bench.sandboxes()).toEqual([]);
  expect(await onlyInstance(id)).toMatchObject({ served: 2 });
  expect(await bench.host.client.functions.get({ id })).toMatchObject({ runtime: 'quickjs', codeType: 'javascript' });
});

test('Python and a module of WASI', async () => {
  const python = await bench.create({
    engine: 'wasm',
    code: { type: 'python', text: 'def handler(payload, context):\n    return [payload, context.env["A"]]' },
    env: { A: 'b' },
  });
  expect((await bench.invoke(python, 1)).result).toBe('[1, "b"]');

  const [path, talking] = ['nothing.wasm', 'talking.wasm'].map((name) => join(bench.folder, name)) as [string, string];
  await writeFile(path, doesNothing);
  const module = { engine: 'wasm', code: { type: 'module', path } } as const;
  const id = await bench.create(module);
  await writeFile(talking, talks);
  const talker = await bench.create({ engine: 'wasm', code: { type: 'module', path: talking } });
  expect((await bench.invoke(talker)).outcome).toMatchObject({ type: 'threw', name: 'SyntaxError' });

  // The version has a copy of its own.
  await writeFile(path, 'something else');
  expect(await bench.invoke(id)).toMatchObject({ result: 'null' });
  expect((await failure(bench.host.client.functions.update({ id, spec: module }))).code).toBe('invalid_input');
  // It serves the next one as well when the file is gone.
  await rm(path);
  const changed = { ...module, env: { A: 'b' } } as const;
  expect(await bench.host.client.functions.update({ id, spec: changed })).toMatchObject({ version: 2 });
  await bench.invoke(id);
  expect(await failure(bench.host.client.functions.update({ id, settings: { keepState: true } }))).toMatchObject({
    code: 'unsupported',
    details: { field: 'settings.keepState' },
  });
  await bench.host.client.functions.delete({ id });
  expect(await readdir(join(bench.home.path, 'functions'))).not.toContain(id);
});

test('a loop without end: its process is killed by the timeout, and another one goes on', async () => {
  const id = await bench.create(javascript('export const handler = (x) => { while (x); return 1; }'), {
    timeoutMs: 300,
    maxConcurrency: 1,
  });
  expect((await bench.invoke(id, false)).result).toBe('1');
  const { pid } = await onlyInstance(id);
  const answer = await bench.invoke(id, true);
  expect(answer.outcome).toEqual({ type: 'limit', limit: 'wallTimeMs' });
  expect(answer.durationMs).toBeGreaterThanOrEqual(290);
  await waitFor('its end', async () => !(await isAlive(pid)));
  expect((await bench.invoke(id, false)).result).toBe('1');
});

test('fuel and memory are limits of an invocation, whose instance is not used again', async () => {
  const text = `export const handler = (isGreedy) => {
    const all = [];
    while (isGreedy) all.push("x".repeat(1e6));
    return 1;
  }`;
  const code = { type: 'javascript', text } as const;
  for (const limits of [{ fuel: 100_000_000 }, { memoryBytes: 32 * 1024 * 1024 }]) {
    const id = await bench.create({ engine: 'wasm', code, limits });
    const [limit] = Object.keys(limits);
    expect((await bench.invoke(id, true)).outcome).toEqual({ type: 'limit', limit });
    expect((await bench.invoke(id, false)).result).toBe('1');
  }
});

test('code that cannot be loaded, and limits that nobody holds, are refused with field and line', async () => {
  const refused = (spec: Parameters<typeof bench.create>[0]) => failure(bench.create(spec));
  expect(await refused(javascript('const a = 1;\nexport const handler = (;'))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'spec.code.text', line: 2 },
  });
  const python = 'x = 1\ndef handler(payload, context):\n    return payload +\n';
  expect(await refused({ engine: 'wasm', code: { type: 'python', text: python } })).toMatchObject({
    details: { field: 'spec.code.text', line: 3 },
  });
  expect(await refused({ ...javascript('export const handler = 1'), limits: { diskBytes: 1e7 } })).toMatchObject({
    code: 'unsupported',
  });
  expect(await refused({ engine: 'wasm', code: { type: 'command', command: ['cat'] } })).toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('javascript'),
  });
});

test('cancelling ends the process; what is left of an instance that was killed is told as such', async () => {
  const id = await bench.create(javascript('export const handler = (x) => { while (x); return 1; }'), {
    maxConcurrency: 1,
  });
  await bench.invoke(id, false);
  const { pid } = await onlyInstance(id);
  const cancel = new AbortController();
  const call = bench.host.client.functions.invoke({ id, payload: 'true' }, { signal: cancel.signal });
  await waitFor('it runs', async () => (await bench.host.client.functions.get({ id })).running === 1);
  cancel.abort();
  await expect(call).rejects.toThrow();
  await waitFor('its end', async () => !(await isAlive(pid)));
  expect((await bench.invoke(id, false)).result).toBe('1');

  const { pid: next } = await onlyInstance(id);
  const lost = bench.invoke(id, true);
  await waitFor('it runs', async () => (await bench.host.client.functions.get({ id })).running === 1);
  process.kill(next, 'SIGKILL');
  expect((await lost).outcome).toMatchObject({ type: 'failed', error: { code: 'internal' } });
  expect((await bench.invoke(id, false)).result).toBe('1');
});

test('variables are as they were loaded, unless they are to be kept; a change of that holds at once', async () => {
  const id = await bench.create(javascript('let n = 0; export const handler = () => (n += 1)'), { maxConcurrency: 1 });
  const three = async () => [await bench.invoke(id), await bench.invoke(id), await bench.invoke(id)];
  expect((await three()).map(({ result }) => result)).toEqual(['1', '1', '1']);
  await bench.host.client.functions.update({ id, settings: { keepState: true } });
  expect((await three()).map(({ result }) => result)).toEqual(['1', '2', '3']);
});

test('instances scale from none, to as many as may be, and back to none', async () => {
  const id = await bench.create(
    javascript('export const handler = () => { const end = Date.now() + 300; while (Date.now() < end); return 1; }'),
    { maxConcurrency: 2, idleTimeMs: 60_000 },
  );
  expect(await bench.host.client.functions.instances({ id })).toEqual([]);
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) most = Math.max(most, (await bench.host.client.functions.instances({ id })).length);
  })();
  const answers = await Promise.all(Array.from({ length: 6 }, () => bench.invoke(id)));
  isOver = true;
  await watching;
  expect(answers.every(({ result }) => result === '1')).toBe(true);
  expect(most).toBe(2);
  const all = await bench.host.client.functions.instances({ id });
  expect(all.map(({ served }) => served).reduce((sum, each) => sum + each)).toBe(6);
  await bench.host.client.functions.update({ id, settings: { idleTimeMs: 1 } });
  for (const { pid } of all) await waitFor('its end', async () => !(await isAlive(pid ?? 0)));
});

test('a version is invoked in an instance of its own, also where only one may be', async () => {
  const id = await bench.create(javascript('export const handler = () => "one"'), { maxConcurrency: 1 });
  await bench.host.client.functions.update({ id, spec: javascript('export const handler = () => "two"') });
  const answers = await Promise.all([1, 2, 1, 2].map((version) => bench.invoke(id, null, version)));
  expect(answers.map(({ result }) => result)).toEqual(['"one"', '"two"', '"one"', '"two"']);
});

test('no instance outlives its host, however that ends', async () => {
  const id = await bench.create(javascript('export const handler = () => 1'));
  for (const how of ['stop', 'kill'] as const) {
    await bench.invoke(id);
    const { pid } = await onlyInstance(id);
    await bench.host[how]();
    await waitFor('its end', async () => !(await isAlive(pid)));
    await bench.host.start();
  }
  expect(await bench.host.client.invocations.list({ functionId: id })).toHaveLength(2);
});

/** A command of WASI that ends at once, without output. */
const doesNothing = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
  ...[7, 19, 2, 6, ...Buffer.from('_start'), 0, 0, 6, ...Buffer.from('memory'), 2, 0, 10, 4, 1, 2, 0, 0x0b],
]);

/** One that writes `no!`: `fd_write(1, 0, 1, 16)`, with a vector at 0 of 3 bytes at 8. */
const talks = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 12, 2, 0x60, 0, 0, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f],
  ...[2, 35, 1, 22, ...Buffer.from('wasi_snapshot_preview1'), 8, ...Buffer.from('fd_write'), 0, 1],
  ...[3, 2, 1, 0, 5, 3, 1, 0, 1],
  ...[7, 19, 2, 6, ...Buffer.from('_start'), 0, 1, 6, ...Buffer.from('memory'), 2, 0],
  ...[10, 15, 1, 13, 0, 0x41, 1, 0x41, 0, 0x41, 1, 0x41, 16, 0x10, 0, 0x1a, 0x0b],
  ...[11, 17, 1, 0, 0x41, 0, 0x0b, 11, 8, 0, 0, 0, 3, 0, 0, 0, ...Buffer.from('no!')],
]);
