import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../engine-contract/fixture.ts';
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
});
