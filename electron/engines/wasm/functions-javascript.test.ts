import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, vi } from 'vitest';
import {
  ask,
  children,
  cpuTicks,
  isAlive,
  MIB,
  never,
  residentBytes,
  resultOf,
  SLOW,
  withFunctions,
} from './function-test-support.ts';

const { open, home } = withFunctions();

describe('functions in JavaScript', { timeout: SLOW }, () => {
  it('take a payload and an environment, and give JSON, logs and what they took', async () => {
    const instance = await open(
      `export async function handler({ a, b }, { env }) {
         console.log('adding', a); console.error('careful'); console.log('done');
         await new Promise((resolve) => setTimeout(resolve, 5));
         return { sum: a + b, greeting: env.GREETING };
       }`,
      { env: { GREETING: 'hello' } },
    );
    const answer = await ask(instance, { a: 2, b: 3 });
    expect(resultOf(answer)).toEqual({ sum: 5, greeting: 'hello' });
    expect(answer.logs).toEqual([
      { stream: 'stdout', text: 'adding 2\n' },
      { stream: 'stderr', text: 'careful\n' },
      { stream: 'stdout', text: 'done\n' },
    ]);
    expect(answer.truncated).toBe(false);
    expect(answer.durationMs).toBeGreaterThanOrEqual(4);
    expect(answer.peakMemoryBytes).toBeGreaterThan(MIB);
    expect(answer.fuelConsumed).toBeNull();
    expect((await ask(instance, { a: 1, b: 1 })).logs).toHaveLength(3);
  });

  it('give their own errors with a stack, and go on', async () => {
    const instance = await open(
      `function deep(x) { throw new RangeError('no ' + x) }
       export async function handler(x) { if (x < 0) deep(x); if (x > 9) Promise.reject(new Error('nobody waits')); await (x > 9 ? new Promise(() => {}) : 0); return x }`,
    );
    const threw = await ask(instance, -1);
    expect(threw.outcome).toMatchObject({ type: 'threw', name: 'RangeError', message: 'no -1' });
    expect(threw.outcome).toHaveProperty(
      'stack',
      expect.stringMatching(/^ +at deep \(function\.js:1:.*\n +at handler \(function\.js:2:/),
    );
    expect(JSON.stringify(threw.outcome)).not.toMatch(/terrarium|node:|file:/);
    expect((await ask(instance, 10)).outcome).toMatchObject({
      type: 'threw',
      message: expect.stringContaining('nobody waits'),
    });
    expect(resultOf(await ask(instance, 1))).toBe(1);
  });

  it('do not wait for what can never settle', async () => {
    const instance = await open('export const handler = () => new Promise(() => {});');
    expect((await ask(instance)).outcome).toMatchObject({ type: 'threw', message: expect.stringContaining('settle') });
  });

  it('share nothing between invocations unless asked', async () => {
    const code = `let count = 0;
      export function handler() {
        const before = [count, typeof globalThis.left, typeof Array.prototype.left, typeof JSON.left, [].map.name, typeof timer];
        count += 1; globalThis.left = 1; Array.prototype.left = 1; JSON.left = 1; Array.prototype.map = function other() {};
        try { std.writeFile('/tmp/left', 'x'); before.push('wrote') } catch { before.push('no files') }
        globalThis.timer = setTimeout(() => console.log('late'), 0);
        return before;
      }`;
    const fresh = await open(code);
    const first = [0, 'undefined', 'undefined', 'undefined', 'map', 'undefined', 'no files'];
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await ask(fresh);
      expect(resultOf(answer)).toEqual(first);
      expect(answer.logs).toEqual([]);
    }
    const kept = await open(code, { keepState: true });
    await ask(kept);
    expect(resultOf(await ask(kept))).toMatchObject([1, 'number', 'number', 'number', 'other', 'number', 'no files']);
  });

  it('share nothing when the memory has grown, nor when chance is asked', async () => {
    const instance = await open(
      'let kept = []; export const handler = (n) => { const before = kept.length; for (let i = 0; i < n; i += 1) kept.push(new Array(1000).fill(i)); return [before, Math.random()] }',
    );
    const seen = new Set<unknown>();
    const peaks: (number | null)[] = [];
    for (const n of [0, 1000, 0, 1000, 0]) {
      const answer = await ask(instance, n);
      const [before, random] = resultOf(answer) as [number, number];
      expect(before).toBe(0);
      seen.add(random);
      peaks.push(answer.peakMemoryBytes);
    }
    expect(seen.size).toBe(5);
    expect(peaks[1]).toBeGreaterThan(8 * MIB);
    expect(peaks[2]).toBe(peaks[0]);
  });

  it('burn the same fuel for the same payload, whatever was before, and end without any', async () => {
    const code =
      'export const handler = (n) => { let x = Math.random() + Date.now(); for (let i = 0; i < n; i += 1) x += Math.sqrt(i); return x }';
    const [one, other] = [
      await open(code, { limits: { fuel: 200_000_000 } }),
      await open(code, { limits: { fuel: 200_000_000 } }),
    ];
    const first = await ask(one, 1000);
    expect(first.fuelConsumed).toBeGreaterThan(1000);
    await ask(one, 5000);
    // So that the code must be loaded again.
    expect((await ask(one, 'x'.repeat(800_000))).peakMemoryBytes).toBeGreaterThan(first.peakMemoryBytes ?? 0);
    for (const instance of [one, other]) {
      const again = await ask(instance, 1000);
      expect(again.fuelConsumed).toBe(first.fuelConsumed);
      expect(again.outcome).toEqual(first.outcome);
    }
    const empty = await ask(one, 1e9);
    expect(empty.outcome).toEqual({ type: 'limit', limit: 'fuel' });
    expect(empty.fuelConsumed).toBe(200_000_000);
    await one.ended;
    await expect(ask(one, 1)).rejects.toMatchObject({ code: 'internal' });
  });

  it('are held in memory', async () => {
    const instance = await open("export const handler = () => { const all = []; for (;;) all.push('x'.repeat(1e6)) }", {
      limits: { memoryBytes: 16 * MIB },
    });
    const answer = await ask(instance);
    expect(answer.outcome).toEqual({ type: 'limit', limit: 'memoryBytes' });
    expect(answer.peakMemoryBytes).toBeLessThanOrEqual(16 * MIB);
    await instance.ended;
  });

  it.each([
    ['an endless loop', 'for (;;);', true],
    ['a regular expression bomb', "/^(a+)+$/.test('a'.repeat(40) + 'b')", true],
    ['a long sleep', 'std.sleep(1e9)', false],
  ])('are ended in the middle of %s', async (_what, body, burns) => {
    const instance = await open(`export const handler = () => { ${body} }`);
    const gone = new AbortController();
    const before = cpuTicks(instance.pid);
    const answer = instance.invoke('null', gone.signal);
    if (burns) await vi.waitFor(() => expect(cpuTicks(instance.pid)).toBeGreaterThan(before + 10), { timeout: 10_000 });
    gone.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await instance.ended;
    expect(isAlive(instance.pid)).toBe(false);
  });

  it('survive a recursion without end', async () => {
    const instance = await open(
      'const deep = (n) => deep(n + 1) + 1; export const handler = (n) => n === 0 ? 1 : deep(n)',
    );
    expect((await ask(instance, 1)).outcome).toMatchObject({ type: 'threw', message: expect.stringMatching(/stack/i) });
    expect(resultOf(await ask(instance, 0))).toBe(1);
  });

  it('are refused with the code’s own error when it cannot be loaded', async () => {
    await expect(open('export const handler = (')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('SyntaxError'),
    });
    await expect(open("throw new TypeError('not today')")).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('not today'),
    });
    await expect(open('export const other = 1')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('handler'),
    });
    await expect(open('for (;;); export const handler = 1', { limits: { fuel: 1_000_000 } })).rejects.toMatchObject({
      code: 'limit_exceeded',
    });
    await expect(open('', { limits: { openFiles: 64 } })).rejects.toMatchObject({ code: 'unsupported' });
    const gone = new AbortController();
    const opening = open('for (;;);', {}, gone.signal);
    gone.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  it('are bounded in what they write and return', async () => {
    const instance = await open(
      "export const handler = (n) => { for (let i = 0; i < n; i += 1) console.log('x'.repeat(1023)); return 'y'.repeat(n * 1024) }",
    );
    const answer = await ask(instance, 1100);
    expect(answer.truncated).toBe(true);
    expect(answer.logs[0]?.text).toHaveLength(256 * 1024);
    expect(answer.outcome).toMatchObject({ type: 'threw', message: expect.stringContaining('bytes of JSON') });
    expect((await ask(instance, 1)).truncated).toBe(false);
  });

  it.each([
    ['a constructor’s constructor', "std.readFile.constructor('return typeof process + typeof require')()"],
    [
      'what the host threw',
      "(() => { try { std.readFile('/etc/passwd') } catch (e) { return e.constructor.constructor('return typeof process + typeof require')() } })()",
    ],
    ['its context', "context.constructor.constructor('return typeof process + typeof require')()"],
  ])('do not reach the host by %s', async (_what, expression) => {
    const instance = await open(`export const handler = (_, context) => ${expression}`);
    expect(resultOf(await ask(instance))).toBe('undefinedundefined');
  });

  it('see no file, no environment and no module of this machine', async () => {
    const tries = [
      "std.readFile('/etc/passwd')",
      "std.readFile('/proc/self/environ')",
      "std.writeFile('/tmp/x', '')",
      "import('node:fs')",
      "import('/etc/passwd')",
    ];
    const instance = await open(
      `export const handler = async () => { const found = []; ${tries
        .map(
          (each) =>
            `try { await ${each}; found.push(${JSON.stringify(each)}) } catch (e) { if (/home|work|file:/.test(e.stack + e.message)) found.push(e.stack) }`,
        )
        .join('\n')} return [found, std.env, std.list('/')] }`,
    );
    expect(resultOf(await ask(instance))).toEqual([[], {}, []]);
  });

  it('give what is no JSON as an error of their own', async () => {
    const instance = await open('export const handler = () => { JSON.stringify = () => "{"; return 1 }');
    expect(resultOf(await ask(instance))).toBe(1);
    const circle = await open('export const handler = () => { const a = {}; a.a = a; return a }');
    expect((await ask(circle)).outcome).toMatchObject({ type: 'threw', name: 'TypeError' });
  });

  it('leave neither memory nor processes after a thousand invocations', async () => {
    const instance = await open(
      'const kept = []; export const handler = (n) => { for (let i = 0; i < 100; i += 1) kept.push({ n, i }); return kept.length }',
    );
    const before = children();
    for (let n = 0; n < 200; n += 1) expect(resultOf(await ask(instance, n))).toBe(100);
    const settled = residentBytes(instance.pid);
    for (let n = 0; n < 1000; n += 1) expect(resultOf(await ask(instance, n))).toBe(100);
    expect(residentBytes(instance.pid) - settled).toBeLessThan(24 * MIB);
    expect(children()).toBe(before);
    await instance.close();
    expect(isAlive(instance.pid)).toBe(false);
  });

  it('do not outlive their host, whatever they do', async () => {
    const script = `
      import { createWasmEngine } from ${JSON.stringify(join(import.meta.dirname, 'wasm-engine.ts'))};
      const { functions } = createWasmEngine({ owner: 'test', home: ${JSON.stringify(home())} });
      const request = { source: { type: 'text', text: 'export const handler = () => { for (;;); }' }, handler: 'handler', env: {}, limits: {}, keepState: false };
      const never = new AbortController().signal;
      const instance = await functions.open(request, never);
      instance.invoke('null', never).catch(() => undefined);
      console.log(instance.pid);
    `;
    const file = join(home(), 'host.ts');
    await writeFile(file, script);
    const host = spawn(process.execPath, ['--no-warnings', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    host.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
  });

  it('read nothing of what was left of the invocation before', async () => {
    const instance = await open('export const handler = () => std.readLine();');
    const say = (payload: string) => instance.invoke(payload, never);
    expect(resultOf(await say('[1,\n"secret",\n2]'))).toBe('[1,');
    expect(resultOf(await say('[3,\n4]'))).toBe('[3,');
  });

  it('throw what is long, cut, and stay', async () => {
    const instance = await open(
      `export const handler = (what) => {
  if (what === 'long') throw new Error('x'.repeat(2e7));
  if (what === 'odd') throw Object.assign(new Error('odd'), { name: 'n'.repeat(1e6), stack: 's'.repeat(1e6) });
  if (what === 'forged') { JSON.stringify = () => '1'; throw new Error('forged'); }
  for (let n = 0; n < 200_000; n += 1) { std.write('a'); console.error('b'); }
  return 'fine';
};`,
      { keepState: true },
    );
    for (const what of ['long', 'odd', 'forged']) {
      const { outcome } = await ask(instance, what);
      if (outcome.type !== 'threw') throw new Error(`it ${outcome.type}`);
      expect(outcome.name.length).toBeLessThanOrEqual(8192);
      expect(outcome.message.length).toBeLessThanOrEqual(8192);
      expect(outcome.stack.length).toBeLessThanOrEqual(16_384);
    }
    const chatty = await ask(instance, 'chatty');
    expect(resultOf(chatty)).toBe('fine');
    expect([chatty.truncated, chatty.logs.length]).toEqual([true, 4096]);
  });
});
