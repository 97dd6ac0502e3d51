import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourcedSpec } from '../../../shared/model/configured-spec.ts';
import { run } from '../engine-contract/fixture.ts';
import { ecmaScriptChecks, pythonDoctests } from './conformance-checks.ts';
import { libraries } from './libraries.ts';
import { wasiPython, withEngine } from './test-support.ts';

describe('JavaScript in QuickJS does what ECMA-262 says', { timeout: 60_000 }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } });

  it.each([{ limits: {} }, { limits: { fuel: 1e11, memoryBytes: 64 * 1024 * 1024 } }])(
    'in every checked section, with %o',
    async ({ limits }) => {
      const { engine, running } = fixture();
      const { ref } = await running({ limits });
      const one = ([section, sentence, expression]: (typeof ecmaScriptChecks)[number]) =>
        `try { if ((${expression}) !== true) failed.push(${JSON.stringify(`${section}: ${sentence}`)}) } catch (error) { failed.push(${JSON.stringify(`${section}: ${sentence}: `)} + error) }`;
      const script = `const failed = [];\n${ecmaScriptChecks.map(one).join('\n')}\nconsole.log(JSON.stringify(failed))`;
      const { stdout, stderr } = await run(engine, ref, ['js', '-e', script]);
      expect(stderr.toString()).toBe('');
      expect(JSON.parse(stdout.toString())).toEqual([]);
    },
  );
});

const pythons: readonly { readonly what: string; readonly spec: SourcedSpec }[] = [
  { what: 'Pyodide', spec: { engine: 'wasm', runtime: 'python', source: { type: 'empty' } } },
  { what: 'a CPython of npm’s, a module of WASI', spec: wasiPython },
];

describe.each(pythons)('$what', { timeout: 120_000 }, ({ spec }) => {
  const fixture = withEngine(spec);

  it('does what the examples in its library’s own documentation say', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    const script = `
import decimal, doctest, importlib
for name in ${JSON.stringify(pythonDoctests)}:
    module = importlib.import_module(name)
    # What some examples use without importing it.
    result = doctest.testmod(module, extraglobs={name: module, 'Decimal': decimal.Decimal})
    print(name, result.attempted, result.failed)`;
    const { stdout, exit } = await run(engine, ref, ['python', '-c', script]);
    const results = stdout
      .toString()
      .split('\n')
      .flatMap((line) => (/^\w+ \d+ \d+$/.test(line) ? [line.split(' ')] : []));
    expect([results.map(([name]) => name), exit.code]).toEqual([pythonDoctests, 0]);
    expect(
      results.filter(([, , failed]) => failed !== '0'),
      stdout.toString().slice(-4000),
    ).toEqual([]);
    expect(results.reduce((sum, [, attempted]) => sum + Number(attempted), 0)).toBeGreaterThan(200);
  });
});

describe('modules that others have built for hosts of their own', { timeout: 60_000 }, () => {
  const fixture = withEngine(wasiPython);
  const require = createRequire(import.meta.url);
  const codec = join(dirname(require.resolve('playwright-core/package.json')), 'lib/webp_codec.wasm');

  it.each([
    { what: 'QuickJS, for its JavaScript', path: libraries.quickjs().module, asks: 'env.host_call' },
    { what: 'Pyodide, for Emscripten', path: libraries.python().module, asks: 'env.' },
    { what: 'a codec of Playwright’s', path: codec, asks: 'a.a' },
  ])('are refused by the names of what they ask for: $what', async ({ path, asks }) => {
    const { create, ours } = fixture();
    await expect(create({ source: { type: 'module', path } })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(asks),
      details: { field: 'source.path' },
    });
    expect(await ours()).toEqual([]);
  });
});
