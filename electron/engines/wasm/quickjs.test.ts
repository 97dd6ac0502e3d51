import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTerminal, run } from '../engine-contract/fixture.ts';
import { withEngine } from './test-support.ts';

const SLOW = 60_000;
const MIB = 1024 * 1024;

describe('JavaScript in QuickJS', { timeout: SLOW }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } });
  const js = (script: string, ...args: string[]) => ['js', '-e', script, ...args];
  const output = async (script: string) => {
    const { ref } = await fixture().running();
    const { stdout, stderr } = await run(fixture().engine, ref, js(script));
    return `${stdout}${stderr}`;
  };

  it('runs scripts and modules with console, timers and files of the workspace', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    await run(
      engine,
      ref,
      js(
        "std.writeFile('lib.js', 'export const answer = 6 * 7'); std.writeFile('main.js', `import { answer } from './lib.js'; import { args } from 'std'; console.log(answer, args)`)",
      ),
    );
    expect((await run(engine, ref, ['js', 'main.js', 'a b'])).stdout.toString()).toBe("42 [ 'a b' ]\n");
    expect((await run(engine, ref, ['./main.js'])).stdout.toString()).toBe('42 []\n');
    expect(await output("await new Promise((done) => setTimeout(done, 20)); console.log('later')")).toBe('later\n');
  });

  it('says what was thrown, with a place in the script, and fails', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    for (const script of ["throw new TypeError('no')", "Promise.reject(new TypeError('no'))"]) {
      const { exit, stderr } = await run(engine, ref, js(script));
      expect(exit.code).toBe(1);
      expect(stderr.toString()).toMatch(/^Uncaught (\(in promise\) )?TypeError: no\n +at .*<eval>:1/);
      expect(stderr.toString()).not.toMatch(/node|file:/);
    }
  });

  it.each([
    [
      'what Node has',
      '[typeof process, typeof require, typeof fetch, typeof WebSocket, typeof Deno, typeof globalThis.module].join()',
    ],
    [
      'a constructor’s constructor',
      "std.readFile.constructor('return [typeof process, typeof require, typeof fetch, typeof WebSocket, typeof Deno, typeof module].join()')()",
    ],
    [
      'an error’s constructor',
      "(() => { try { std.readFile('/none') } catch (error) { return error.constructor.constructor('return [typeof process, typeof require, typeof fetch, typeof WebSocket, typeof Deno, typeof module].join()')() } })()",
    ],
  ])('does not reach the host by %s', async (_what, expression) => {
    expect(await output(`console.log(${expression})`)).toBe(`${Array(6).fill('undefined').join()}\n`);
  });

  it('cannot load modules of Node or of the network, nor files from outside', async () => {
    for (const name of ['node:fs', 'fs', 'https://example.com/x.js', '/etc/passwd', '../../../../etc/passwd']) {
      expect(
        await output(`await import('${name}').then(() => console.log('got it'), () => console.log('refused'))`),
      ).toBe('refused\n');
    }
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    await symlink('/etc', join(workspace ?? '', 'link'));
    const script =
      "for (const path of ['link/passwd', '../../etc/passwd', '/proc/self/environ']) try { console.log(std.readFile(path)) } catch (error) { console.log(error.message) }";
    const { stdout } = await run(engine, ref, js(script));
    expect(stdout.toString()).toBe('ENOENT: link/passwd\nENOENT: ../../etc/passwd\nENOENT: /proc/self/environ\n');
  });

  it('is not fooled by a guest that changes what everything is made of', async () => {
    const script = `
      for (const prototype of [Object.prototype, Array.prototype, String.prototype, Promise.prototype, Function.prototype])
        for (const name of ['then', 'map', 'filter', 'toString', 'call', 'apply', 'root', 'host', 'get'])
          Object.defineProperty(prototype, name, { get() { return () => '/etc/passwd' }, configurable: true });
      try { console.log(std.readFile('/etc/passwd').slice(0, 4)) } catch (error) { std.write('refused') }`;
    expect(await output(script)).not.toContain('root');
  });

  it.each([
    { what: 'a loop', script: 'while (true) {}', limits: { fuel: 100_000_000 }, limit: 'fuel' },
    {
      what: 'a regular expression',
      script: "/^(a+)+$/.test('a'.repeat(64) + 'b')",
      limits: { fuel: 100_000_000 },
      limit: 'fuel',
    },
    {
      what: 'a native that never ends',
      script: 'Array(2 ** 32 - 1).indexOf(1)',
      limits: { fuel: 100_000_000 },
      limit: 'fuel',
    },
    {
      what: 'an allocation',
      script: 'new ArrayBuffer(1.5e9); ',
      limits: { memoryBytes: 32 * MIB },
      limit: 'memoryBytes',
    },
    {
      what: 'many allocations',
      script: 'const all = []; for (;;) all.push(new Uint8Array(1e6))',
      limits: { memoryBytes: 32 * MIB },
      limit: 'memoryBytes',
    },
  ])('ends $what in its limit, and the host and its neighbours go on', async ({ script, limits, limit }) => {
    const { engine, running } = fixture();
    const neighbour = await running();
    const { ref } = await running({ limits });
    expect((await run(engine, ref, js(script))).exit).toMatchObject({ limit });
    expect((await run(engine, ref, js("console.log('again')"))).stdout.toString()).toBe('again\n');
    expect((await run(engine, neighbour.ref, js("console.log('fine')"))).stdout.toString()).toBe('fine\n');
  });

  it('ends a deep recursion as an error that the guest can catch', async () => {
    expect(await output('const dive = () => dive(); try { dive() } catch (error) { console.log(error.name) }')).toBe(
      'RangeError\n',
    );
  });

  it('burns the same fuel in every run, whatever the clock says', async () => {
    const { engine, running } = fixture();
    const script = js(
      'let sum = 0; for (let n = 0; n < 1e5; n++) sum += Math.random() + Date.now() % 7; console.log(sum)',
    );
    const runs = [];
    for (let round = 0; round < 3; round += 1) {
      const { ref } = await running({ limits: { fuel: 10_000_000_000 } });
      const { exit, stdout } = await run(engine, ref, script);
      runs.push(`${exit.fuelConsumed} ${stdout}`);
    }
    expect(runs[0]).toMatch(/^\d{7,} \d/);
    expect(new Set(runs).size).toBe(1);
  });

  it('has a console with several lines, history, and Ctrl+C', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    const { console, waitFor, output: shown } = await openTerminal(engine, ref);
    await waitFor('> ');
    console.write('function twice(n) {\r');
    await waitFor('... ');
    console.write('return n * 2 }\r');
    console.write('twice(2100) + 11\r');
    await waitFor('4211');
    // Typed before the answer, and to its end after it.
    console.write("std.sleep(500); 'slept'\r'ab");
    await waitFor('slept');
    await waitFor("> 'ab");
    console.write("c' + 'de'\r");
    await waitFor('abcde');
    console.write('while (true) {}\r');
    console.write('\x03');
    await waitFor('interrupted');
    // The fourth line before, by the arrow keys.
    console.write('\x1b[A\x1b[A\x1b[A\x1b[A\x7f\x7f22\r');
    await waitFor('4222');
    console.write("await new Promise(() => setTimeout(() => print('tick'), 5))\r");
    await waitFor('tick');
    console.write('std.exit(5)\r');
    expect(await console.exited).toMatchObject({ code: 5 });
    expect(shown()).toContain('> ');
  });
});
