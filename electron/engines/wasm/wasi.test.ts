import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTerminal, run } from '../engine-contract/fixture.ts';
import { wasiPython, withEngine } from './test-support.ts';

const SLOW = 60_000;

describe('a module of WASI', { timeout: SLOW }, () => {
  const fixture = withEngine(wasiPython);
  const python = (script: string, ...args: string[]) => ['python', '-c', script, ...args];

  it('has arguments, an environment, standard streams and an exit code', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ env: { FROM_SPEC: 'spec' } });
    const script = `
import os, sys
print(sys.argv[1:], os.environ['FROM_SPEC'], os.environ.get('PATH'), sys.stdin.read())
print('apart', file=sys.stderr)
sys.exit(7)`;
    const { exit, stdout, stderr } = await run(engine, ref, python(script, 'a b', 'ü'), {
      stdin: Buffer.from('given'),
    });
    expect(stdout.toString()).toBe("['a b', 'ü'] spec None given\n");
    expect(stderr.toString()).toBe('apart\n');
    expect(exit).toEqual({ code: 7, signal: null });
  });

  it('has its workspace and nothing else of this machine, whatever links lie there', async () => {
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    const inside = workspace ?? '';
    await symlink('/etc', join(inside, 'folder'));
    await symlink('/etc/passwd', join(inside, 'absolute'));
    await symlink('../../../../../../../../etc/passwd', join(inside, 'relative'));
    await symlink('note', join(inside, 'fine'));
    await writeFile(join(inside, 'note'), 'kept');
    const script = `
import os
def attempt(what):
    try: print(what())
    except OSError as error: print(type(error).__name__)
read = lambda path: lambda: open(path).read()
for path in ['fine', '/workspace/note', '/etc/passwd', '../../../etc/passwd', 'absolute', 'relative', 'folder/passwd', '/proc/self/environ']:
    attempt(read(path))
attempt(lambda: os.symlink('/etc', 'mine'))
attempt(lambda: os.rename('note', '/etc/note'))
attempt(lambda: os.rename('note', '../note'))`;
    const { stdout } = await run(engine, ref, python(script));
    const [fine, absolute, ...refused] = stdout.toString().trim().split('\n');
    expect([fine, absolute]).toEqual(['kept', 'kept']);
    expect(refused).toHaveLength(9);
    expect(new Set(refused).size, refused.join()).toBeLessThanOrEqual(2);
    for (const answer of refused) expect(['PermissionError', 'FileNotFoundError']).toContain(answer);
  });

  it('burns the same fuel in every run, and ends at its limit', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ limits: { fuel: 5_000_000_000 } });
    const script = 'print(sum(range(10000)))';
    const first = await run(engine, ref, ['python', '-B', '-I', '-c', script]);
    const second = await run(engine, ref, ['python', '-B', '-I', '-c', script]);
    expect(first.exit.code).toBe(0);
    expect(first.exit.fuelConsumed).toBeGreaterThan(1_000_000);
    expect(second.exit.fuelConsumed).toBe(first.exit.fuelConsumed);
    const poor = await running({ limits: { fuel: 1_000_000 } });
    const stopped = await run(engine, poor.ref, python('while True: pass'));
    expect(stopped.exit).toMatchObject({ limit: 'fuel', fuelConsumed: 1_000_000 });
    expect(stopped.stderr.toString()).toContain('fuel');
  });

  it('cannot have more memory than its limit', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ limits: { memoryBytes: 64 * 1024 * 1024 } });
    expect((await run(engine, ref, python('x = bytearray(20_000_000)'))).exit).toEqual({ code: 0, signal: null });
    const { exit, stderr } = await run(engine, ref, python('x = [bytearray(100_000_000) for _ in range(40)]'));
    expect(exit).toMatchObject({ code: 1, limit: 'memoryBytes' });
    expect(stderr.toString()).toContain('MemoryError');
  });

  it('has a terminal in a console, and ends by Ctrl+C', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    const script = 'import sys\nprint(sys.stdin.isatty(), input())\nwhile True: pass';
    const { console, waitFor } = await openTerminal(engine, ref, { argv: python(script) });
    console.write('typed\r');
    await waitFor('True typed');
    console.write('\x03');
    expect(await console.exited).toMatchObject({ code: null, signal: 'SIGINT' });
  });

  it('refuses a module that asks for more than WASI, by the names of what it asks for', async () => {
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    // Imports `env.secret` and a memory, and exports nothing.
    const module = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
      ...[2, 28, 2, 3, ...Buffer.from('env'), 6, ...Buffer.from('secret'), 0, 0],
      ...[3, ...Buffer.from('env'), 6, ...Buffer.from('memory'), 2, 0, 1],
    );
    await writeFile(join(workspace ?? '', 'greedy.wasm'), module);
    const { exit, stdout, stderr } = await run(engine, ref, ['./greedy.wasm']);
    expect([exit.code, stdout.toString()]).toEqual([126, '']);
    expect(stderr.toString()).toContain('env.secret, env.memory (a memory)');
    await writeFile(join(workspace ?? '', 'broken.wasm'), module.subarray(0, 30));
    const broken = await run(engine, ref, ['./broken.wasm']);
    expect([broken.exit.code, broken.stderr.toString()]).toEqual([126, expect.stringMatching(/^terrarium: .*\n$/)]);
  });

  it('calls a function of a reactor with numbers', async () => {
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    // (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    const module = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0],
      ...[7, 7, 1, 3, ...Buffer.from('add'), 0, 0, 10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b],
    );
    await writeFile(join(workspace ?? '', 'sum.wasm'), module);
    expect((await run(engine, ref, ['./sum.wasm', 'add', '40', '2'])).stdout.toString()).toBe('42\n');
    const { exit, stderr } = await run(engine, ref, ['./sum.wasm', 'nothing']);
    expect([exit.code, stderr.toString()]).toEqual([2, expect.stringContaining('add')]);
  });

  it('is told the same number of a file by its folder and by itself', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    const script = `
import os
for name in ['a', 'b']: open(name, 'w').close()
os.mkdir('c')
found = sorted((entry.name, entry.inode() == os.stat(entry.name).st_ino) for entry in os.scandir('.'))
print(found, len({entry.inode() for entry in os.scandir('.')}))`;
    const { stdout } = await run(engine, ref, python(script));
    expect(stdout.toString()).toBe("[('a', True), ('b', True), ('c', True)] 3\n");
  });

  it('has no sockets: what is open is none, and nothing else is open', async () => {
    const { engine, running } = fixture();
    const { ref, workspace } = await running();
    // (func (export "shutdown") (import "wasi_snapshot_preview1" "sock_shutdown") (param i32 i32) (result i32))
    const module = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
      ...[2, 40, 1, 22, ...Buffer.from('wasi_snapshot_preview1'), 13, ...Buffer.from('sock_shutdown'), 0, 0],
      ...[7, 12, 1, 8, ...Buffer.from('shutdown'), 0, 0],
    );
    await writeFile(join(workspace ?? '', 'socket.wasm'), module);
    const shutdown = async (fd: string) =>
      (await run(engine, ref, ['./socket.wasm', 'shutdown', fd, '0'])).stdout.toString();
    const [NOTSOCK, BADF] = ['57\n', '8\n'];
    expect([await shutdown('1'), await shutdown('3'), await shutdown('77')]).toEqual([NOTSOCK, NOTSOCK, BADF]);
  });

  it('reads what a mount shows, and writes only where it may', async () => {
    const { engine, running } = fixture();
    const shown = await mkdtemp(join(tmpdir(), 'terrarium-mount-'));
    await writeFile(join(shown, 'given'), 'given');
    const { ref } = await running({
      mounts: [
        { hostPath: shown, path: '/data', readOnly: true },
        { hostPath: shown, path: '/out', readOnly: false },
      ],
    });
    const script = `
print(open('/data/given').read())
open('/out/made', 'w').write('made')
try: open('/data/made', 'w')
except OSError as error: print(error.strerror)`;
    expect((await run(engine, ref, python(script))).stdout.toString()).toBe('given\nRead-only file system\n');
    expect(await readFile(join(shown, 'made'), 'utf8')).toBe('made');
    await rm(shown, { recursive: true });
  });

  it('is rebuilt from the copy of its module when the original is gone', async () => {
    const { engine, make } = fixture();
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-module-'));
    const path = join(folder, 'sum.wasm');
    await writeFile(path, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const task = { signal: new AbortController().signal, progress: () => undefined };
    await make({ source: { type: 'module', path } }, async (request) => {
      await engine.create(request, task);
      await engine.destroy(request.id);
      await rm(folder, { recursive: true });
      return engine.create(request, task);
    });
    await expect(
      make({ source: { type: 'module', path } }, (request) => engine.create(request, task)),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: 'source.path' },
    });
  });
});
