import { describe, expect, it } from 'vitest';
import type { Counters } from '../../../shared/model/sample.ts';
import { run, until } from '../engine-contract/fixture.ts';
import { withEngine } from './test-support.ts';

const MIB = 1024 * 1024;

describe('what programs of WebAssembly use, while they run', { timeout: 60_000 }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } });
  const sample = async (ref: string): Promise<Counters> => {
    const counters = (await fixture().engine.sample([ref])).get(ref);
    if (!counters) throw new Error('there is no sample');
    return counters;
  };

  it('is fuel that rises, and the memory of the module', async () => {
    const { ref } = await fixture().running({
      limits: { fuel: 1e15 },
      command: [
        'js',
        '-e',
        `const taken = new Uint8Array(${8 * MIB}).fill(1); for (;;) std.write(taken.length > 9e9 ? 'x' : '')`,
      ],
    });
    await until('memory to be told', async () => ((await sample(ref)).linearMemoryBytes ?? 0) > 8 * MIB);
    const { fuelConsumed: before } = await sample(ref);
    expect(before).toBeGreaterThan(0);
    await until('fuel to rise', async () => ((await sample(ref)).fuelConsumed ?? 0) > (before ?? 0));
  });

  it('keeps the fuel of commands that have ended, and no memory of them', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ limits: { fuel: 1e12 } });
    expect(await sample(ref)).toMatchObject({ fuelConsumed: 0, linearMemoryBytes: 0 });
    const [first, second] = await Promise.all([
      run(engine, ref, ['js', '-e', 'for (let n = 0; n < 1e4; n++);']),
      run(engine, ref, ['js', '-e', 'for (let n = 0; n < 2e4; n++);']),
    ]);
    const sum = (first.exit.fuelConsumed ?? 0) + (second.exit.fuelConsumed ?? 0);
    expect(sum).toBeGreaterThan(30_000);
    expect(await sample(ref)).toMatchObject({ fuelConsumed: sum, linearMemoryBytes: 0 });
    await engine.stop(ref, 0);
    await engine.start(ref);
    expect((await sample(ref)).fuelConsumed).toBe(0);
  });

  it('is not counted where nothing was asked for', async () => {
    const { engine, running } = fixture();
    const { ref } = await running();
    await run(engine, ref, ['js', '-e', '']);
    expect((await sample(ref)).fuelConsumed).toBeNull();
  });

  it('is limited anew for programs that start from then on, and for none that runs', async () => {
    const { engine, running } = fixture();
    const { ref } = await running({ limits: { fuel: 1e12 }, command: ['js', '-e', 'for (;;) std.write("")'] });
    const loop = ['js', '-e', 'for (let n = 0; n < 1e6; n++);'];
    // The second may run in a process that stood by.
    for (const _ of [1, 2]) expect((await run(engine, ref, loop)).exit).toMatchObject({ code: 0 });
    await engine.updateLimits(ref, { fuel: 100_000 });
    for (const _ of [1, 2]) {
      expect((await run(engine, ref, loop)).exit).toMatchObject({ limit: 'fuel', fuelConsumed: 100_000 });
    }
    expect((await engine.inspect(ref)).state).toBe('running');
    expect((await engine.inspect(ref)).owned?.spec.limits).toEqual({ fuel: 100_000 });
    await expect(engine.updateLimits(ref, { memoryBytes: 6 * MIB })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(engine.updateLimits(ref, { processes: 5 })).rejects.toMatchObject({
      code: 'unsupported',
      details: { field: 'limits.processes' },
    });
  });
});
