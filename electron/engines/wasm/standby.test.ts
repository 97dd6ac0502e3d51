import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, vi } from 'vitest';
import { run } from '../engine-contract/fixture.ts';
import { isAlive } from './function-test-support.ts';
import { withEngine } from './test-support.ts';

const SLOW = 120_000;
const PATIENCE = { timeout: 30_000, interval: 50 };

/** Processes of a sandbox that wait to be told what they are. */
const standing = (id: string): readonly number[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      const isIts = environment.includes(`TERRARIUM_SANDBOX_ID=${id}\0`) && environment.includes('"standby":true');
      return isIts ? [Number(name)] : [];
    } catch {
      return []; // gone meanwhile, or nobody's to look at
    }
  });
const untilStanding = (id: string): Promise<number> =>
  vi.waitFor(() => {
    const [pid] = standing(id);
    if (pid === undefined) throw new Error('nothing stands by');
    return pid;
  }, PATIENCE);

describe('a process that stands by', { timeout: SLOW }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } });
  const js = (script: string, ...args: string[]) => ['js', '-e', script, ...args];

  it('becomes the next command, with its arguments, environment, input, folder and end', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    expect(standing(ref)).toEqual([]);
    const script = `console.log(JSON.stringify([std.args, std.env.A, std.cwd(), std.readInput()])); console.error('!'); std.exit(7)`;
    const ask = () =>
      run(engine, ref, js(script, 'b c'), { env: { A: 'a' }, workdir: '/tmp', stdin: Buffer.from('typed') });
    const cold = await ask();
    const pid = await untilStanding(ref);
    const warm = await ask();
    expect(isAlive(pid)).toBe(false);
    expect(warm).toEqual(cold);
    expect(warm.stdout.toString()).toBe('[["b c"],"a","/tmp","typed"]\n');
    expect(warm.stderr.toString()).toBe('!\n');
    expect(warm.exit).toEqual({ code: 7, signal: null });
  });

  it('runs a script of the workspace that was not there when it was started', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    await run(engine, ref, js("std.writeFile('later.js', 'console.log(6 * 7)')"));
    await untilStanding(ref);
    expect((await run(engine, ref, ['./later.js'])).stdout.toString()).toBe('42\n');
  });

  it('burns the same fuel as one that was started for it, and ends at its limit', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ limits: { fuel: 50_000_000 } });
    const cold = await run(engine, ref, js('console.log([1, 2, 3].map((n) => n * Math.random()))'));
    await untilStanding(ref);
    const warm = await run(engine, ref, js('console.log([1, 2, 3].map((n) => n * Math.random()))'));
    expect(cold.exit.fuelConsumed).toBeGreaterThan(0);
    expect(warm).toEqual(cold);
    await untilStanding(ref);
    expect((await run(engine, ref, js('for (;;);'))).exit).toMatchObject({ limit: 'fuel', fuelConsumed: 50_000_000 });
  });

  it('ends with its sandbox, and when its command is given up', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    await run(engine, ref, js(''));
    const first = await untilStanding(ref);
    await engine.stop(ref, 1000);
    expect(isAlive(first)).toBe(false);
    await engine.start(ref);
    await run(engine, ref, js(''));
    const second = await untilStanding(ref);
    const gone = new AbortController();
    const onOutput = () => gone.abort(new Error('enough'));
    const io = { signal: gone.signal, onOutput };
    await expect(engine.exec(ref, { argv: js("std.write('x'); for (;;);"), env: {} }, io)).rejects.toThrow('enough');
    expect(isAlive(second)).toBe(false);
    const third = await untilStanding(ref);
    await engine.destroy(ref);
    expect(isAlive(third)).toBe(false);
  });

  it('is one of few', async () => {
    const { engine, running } = fixture();
    const refs: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { ref } = await running();
      refs.push(ref);
      await run(engine, ref, js(''));
      await untilStanding(ref);
    }
    await vi.waitFor(() => expect(refs.flatMap((ref) => standing(ref))).toHaveLength(3), PATIENCE);
    expect(standing(refs.at(-1) ?? '')).toHaveLength(1);
  });

  it('does not outlive its host', async () => {
    const { running } = fixture();
    const { ref, workspace } = await running();
    const home = join(workspace ?? '', '../../..');
    const script = `
      import { createWasmEngine } from ${JSON.stringify(join(import.meta.dirname, 'wasm-engine.ts'))};
      const engine = createWasmEngine({ owner: 'test', home: ${JSON.stringify(home)} });
      const io = { signal: new AbortController().signal, onOutput: () => undefined };
      await engine.exec(${JSON.stringify(ref)}, { argv: ['js', '-e', ''], env: {} }, io);
      console.log('done');
      setInterval(() => {}, 1e6);
    `;
    const file = join(home, 'host.ts');
    await writeFile(file, script);
    const host = spawn(process.execPath, ['--no-warnings', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface(host.stdout), 'line');
    const pid = await untilStanding(ref);
    host.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE);
  });
});
