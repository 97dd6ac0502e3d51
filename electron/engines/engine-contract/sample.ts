import { afterAll, expect, it } from 'vitest';
import type { Counters } from '../../../shared/model/sample.ts';
import { type Fixture, run, until } from './fixture.ts';

export function sampleCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  afterAll(() => fixture.clear());

  it('counts CPU time that rises under load and never falls', async () => {
    const { ref } = await fixture.running();
    const seen: Counters[] = [];
    const sample = async () => {
      const counters = (await engine.sample([ref])).get(ref);
      if (counters) seen.push(counters);
      return counters;
    };
    await sample();
    const start = seen[0]?.cpuNs ?? 0;
    const controller = new AbortController();
    const load = run(engine, ref, programs.burns, { signal: controller.signal }).catch(() => undefined);
    await until('300 ms of CPU time', async () => ((await sample())?.cpuNs ?? 0) > start + 300e6);

    const busy = seen.at(-1);
    expect(busy?.pids).toBeGreaterThanOrEqual(1);
    expect(busy?.memoryBytes).toBeGreaterThan(0);
    expect(Math.abs((busy?.at ?? 0) - Date.now())).toBeLessThan(10_000);

    controller.abort();
    await load;
    for (let count = 0; count < 5; count += 1) {
      await run(engine, ref, programs.nothing);
      await sample();
    }
    const cpu = seen.map(({ cpuNs }) => cpuNs ?? 0);
    expect(cpu).toEqual(cpu.toSorted((a, b) => a - b));
  });

  it('shows memory that is taken', async () => {
    const { ref } = await fixture.running();
    const memory = async () => (await engine.sample([ref])).get(ref)?.memoryBytes ?? 0;
    const controller = new AbortController();
    const before = await memory();
    const holding = run(engine, ref, programs.takesMemory(20_000_000, true), { signal: controller.signal }).catch(
      () => undefined,
    );
    await until('20 MB more', async () => (await memory()) > before + 18_000_000);
    controller.abort();
    await holding;
  });

  it('samples several at once and leaves out what does not run', async () => {
    const [one, two, idle] = [await fixture.running(), await fixture.running(), await fixture.create()];
    const controller = new AbortController();
    const sleeping = [one, two].map(({ ref }) =>
      run(engine, ref, programs.waits('1000'), { signal: controller.signal }).catch(() => undefined),
    );
    await until('both', async () => {
      const counters = await engine.sample([one.ref, two.ref, idle.ref, 'no-such-ref']);
      expect(counters.has(idle.ref)).toBe(false);
      expect(counters.has('no-such-ref')).toBe(false);
      return [one, two].every(({ ref }) => (counters.get(ref)?.pids ?? 0) >= 1);
    });
    controller.abort();
    await Promise.all(sleeping);
  });
}
