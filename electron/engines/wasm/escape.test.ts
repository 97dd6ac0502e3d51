import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourcedSpec } from '../../../shared/model/configured-spec.ts';
import { run } from '../engine-contract/fixture.ts';
import { pythonModule, wasiPython, withEngine } from './test-support.ts';

const name = (text: string) => [Buffer.byteLength(text), ...Buffer.from(text)];
/** A command that imports one function, which its `_start` calls. */
function importing(module: string, field: string, kind: readonly number[] = [0, 0]): Uint8Array {
  const imports = [1, ...name(module), ...name(field), ...kind];
  const isFunction = kind[0] === 0;
  const body = isFunction ? [2 + 2, 0, 0x10, 0, 0x0b] : [2, 0, 0x0b];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
    ...[2, imports.length, ...imports],
    ...[3, 2, 1, 0],
    ...[7, 10, 1, ...name('_start'), 0, isFunction ? 1 : 0],
    ...[10, body.length + 1, 1, ...body],
  );
}

let outside: string;
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'terrarium-outside-'));
  await symlink(pythonModule, join(outside, 'python.wasm'));
  await writeFile(join(outside, 'script.js'), 'print("GOT it")');
  await writeFile(join(outside, 'script.py'), 'print("GOT it")');
});
afterAll(() => rm(outside, { recursive: true }));

describe('imports of a module', { timeout: 60_000 }, () => {
  const fixture = withEngine(wasiPython);

  it.each([
    // What every JavaScript object has, and what it was made by.
    { module: 'wasi_snapshot_preview1', field: 'constructor' },
    { module: 'wasi_snapshot_preview1', field: 'toString' },
    { module: 'wasi_snapshot_preview1', field: '__proto__' },
    { module: 'wasi_snapshot_preview1', field: 'hasOwnProperty' },
    { module: 'constructor', field: 'constructor' },
    { module: '__proto__', field: 'constructor' },
    { module: 'toString', field: 'call' },
    // What V8 itself could give.
    { module: 'wasm:js-string', field: 'concat' },
    // Names that look like one that is given.
    { module: 'wasi_snapshot_preview1', field: 'fd_write\0' },
    { module: 'wasi_snapshot_preview1\0', field: 'fd_write' },
    { module: 'wasi_snapshot_preview1', field: 'fd_wrıte' },
    { module: 'wasi_unstable', field: 'fd_write' },
    // Of a kind that is given to nobody.
    { module: 'wasi_snapshot_preview1', field: 'proc_exit', kind: [3, 0x7f, 0] },
    { module: 'env', field: 'memory', kind: [2, 0, 1] },
    // Sockets that are opened: preview 1 has none.
    { module: 'wasi_snapshot_preview1', field: 'sock_open' },
    { module: 'wasi_snapshot_preview1', field: 'sock_connect' },
  ])('are what is given by name and nothing else: $module $field', async ({ module, field, kind }) => {
    const { engine, running, create } = fixture();
    const bytes = importing(module, field, kind);
    // It is a module, so that nothing else is the reason.
    expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(true);
    const path = join(outside, 'smuggler.wasm');
    await writeFile(path, bytes);
    await expect(create({ source: { type: 'module', path } })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: 'source.path' },
    });
    const { ref, workspace } = await running();
    await writeFile(join(workspace ?? '', 'smuggler.wasm'), bytes);
    const { exit, stderr } = await run(engine, ref, ['./smuggler.wasm']);
    expect([exit.code, stderr.toString()]).toEqual([126, expect.stringContaining('terrarium: ')]);
  });
});

const runtimes: readonly {
  readonly runtime: string;
  readonly spec: SourcedSpec;
  readonly program: (script: string) => readonly string[];
  readonly file: string;
  readonly readsEnvironment: string;
  readonly connects: (port: number) => string;
}[] = [
  {
    runtime: 'QuickJS',
    spec: { engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } },
    program: (script) => ['js', '-e', script],
    file: 'script.js',
    readsEnvironment: 'print(JSON.stringify(std.env), typeof process)',
    connects: (port) =>
      `for (const name of ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'Worker', 'net']) if (name in globalThis) print('GOT', name); await import('http://127.0.0.1:${port}/x.js').then(() => print('GOT it'), () => {})`,
  },
  {
    runtime: 'Pyodide',
    spec: { engine: 'wasm', runtime: 'python', source: { type: 'empty' } },
    program: (script) => ['python', '-c', script],
    file: 'script.py',
    readsEnvironment: 'import os; print(dict(os.environ))',
    connects: (port) => `
import socket, urllib.request
def attempt(what):
    try: print('GOT', what())
    except BaseException: pass
attempt(lambda: socket.create_connection(('127.0.0.1', ${port}), 1))
attempt(lambda: urllib.request.urlopen('http://127.0.0.1:${port}/', timeout=1).read())
import pyodide.http
attempt(lambda: pyodide.http.open_url('http://127.0.0.1:${port}/').read())`,
  },
  {
    runtime: 'a module of WASI',
    spec: wasiPython,
    program: (script) => ['python', '-c', script],
    file: 'python.wasm',
    readsEnvironment: 'import os; print(dict(os.environ))',
    connects: (port) => `
def attempt(what):
    try: print('GOT', what())
    except BaseException: pass
def connect():
    import socket
    return socket.create_connection(('127.0.0.1', ${port}), 1)
attempt(connect)`,
  },
];

describe.each(runtimes)('$runtime', { timeout: 60_000 }, ({ spec, program, file, readsEnvironment, connects }) => {
  const fixture = withEngine(spec);
  beforeEach(() => {
    process.env.TERRARIUM_TEST_SECRET = 'a-secret-of-the-host';
  });
  afterEach(() => void Reflect.deleteProperty(process.env, 'TERRARIUM_TEST_SECRET'));

  it('sees nothing of the host’s environment', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ env: { MINE: 'given' } });
    const { stdout } = await run(engine, ref, program(readsEnvironment));
    expect(stdout.toString()).toContain('given');
    for (const each of ['a-secret-of-the-host', 'TERRARIUM_JOB', process.execPath, ref]) {
      expect(stdout.toString()).not.toContain(each);
    }
  });

  it('runs no program that a link in the workspace leads to', async () => {
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    await symlink(join(outside, file), join(workspace ?? '', file));
    await expect(run(engine, ref, [`./${file}`])).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(run(engine, ref, [join(outside, file)])).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(run(engine, ref, [`../../../../../..${join(outside, file)}`])).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('opens no connection', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { engine, running } = fixture();
      const { ref } = await running();
      const { stdout } = await run(engine, ref, program(connects((server.address() as { port: number }).port)));
      expect([stdout.toString(), connections]).toEqual(['', 0]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

/** Tells of which realm something of JavaScript's is that Python has come by. */
const JUDGE = `
from pyodide.ffi import create_proxy, to_js
import pyodide_js, sys
data = to_js(b'x')
own = data.constructor.constructor
def judge(what, thing):
    print(what, 'own' if thing.constructor.constructor == own else 'FOREIGN', flush=True)
`;

describe('the realm of Python', { timeout: 60_000 }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'python', source: { type: 'empty' } });

  it.each([
    {
      from: 'what the host throws',
      script: `
try: data.to_string('bogus')
except BaseException as error: judge('thrown', getattr(error, 'js_error', error))`,
      tells: 'thrown own\n',
    },
  ])('is not left by $from', async ({ script, tells }) => {
    const { engine, running } = fixture();
    const { ref } = await running();
    const { stdout } = await run(engine, ref, ['python', '-c', `${JUDGE}${script}`]);
    expect(stdout.toString()).toBe(tells);
  });
});
