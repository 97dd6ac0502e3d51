import { afterEach, expect, it } from 'vitest';
import type { EngineObject } from '../engine.ts';
import { command, type Fixture, itWhere, run, uniqueSleep, until } from './fixture.ts';
import { untilAllRun, untilNoneRuns } from './running-inside.ts';

const FOREVER = 'while :; do sleep 1; done';

export function lifecycleCases(fixture: Fixture): void {
  const { engine, capabilities, programs } = fixture;
  const canPause = capabilities.features.pause.support !== 'unsupported';
  /** A main program that waits to be ended. */
  const forever = programs.shell ? command(FOREVER) : [...programs.waits(uniqueSleep())];
  afterEach(() => fixture.clear());

  const find = async (ref: string) => (await engine.list()).find((object) => object.ref === ref);

  it('creates without starting, and lists it as ours with its spec', async () => {
    const object = await fixture.create({ labels: { purpose: 'contract' }, env: { A: 'b' } });
    expect(object).toMatchObject({ state: 'ready', startedAt: null, exit: null });
    expect(object.owned).toMatchObject({ generation: 3, spec: { env: { A: 'b' }, labels: { purpose: 'contract' } } });
    expect(await find(object.ref)).toEqual(object);
    expect(await engine.inspect(object.ref)).toEqual(object);
    expect(JSON.stringify(await engine.inspectRaw(object.ref))).toContain('{');
  });

  it('starts, stops and starts again', async () => {
    const object = await fixture.running();
    expect(object).toMatchObject({ state: 'running', stoppedAt: null });
    expect(Math.abs((object.startedAt ?? 0) - Date.now())).toBeLessThan(30_000);
    expect(await engine.stop(object.ref, 500)).toMatchObject({ state: 'stopped' });
    expect(await engine.stop(object.ref, 500)).toMatchObject({ state: 'stopped' });
    expect(await engine.start(object.ref)).toMatchObject({ state: 'running', exit: null });
    expect((await run(engine, object.ref, programs.nothing)).exit.code).toBe(0);
  });

  it('shows how the main program ended', async () => {
    const { ref } = await fixture.running({ command: [...programs.exits(7)] });
    await until('its end', async () => (await engine.inspect(ref)).state === 'stopped');
    const object = await engine.inspect(ref);
    expect(object.exit).toMatchObject({ code: 7, signal: null });
    expect(object.stoppedAt).not.toBeNull();
  });

  itWhere(programs.shell)('ends everything when the main program ends', async () => {
    const marker = uniqueSleep();
    const main = `setsid sleep ${marker} & until [ -e leave ]; do sleep 1; done`;
    const { ref } = await fixture.running({ command: command(main) });
    await untilAllRun(fixture, ref, [marker]);
    await run(engine, ref, programs.writesFile('leave', ''));
    await until('its end', async () => (await engine.inspect(ref)).state === 'stopped');
    await untilNoneRuns(fixture, ref, [marker]);
  });

  it('refuses to start a main program that does not exist, and leaves nothing running', async () => {
    const { ref } = await fixture.create({ command: ['no-such-program-here'] });
    const attempt = engine.start(ref);
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'invalid_input' });
    await expect(attempt).rejects.toThrow('no-such-program-here');
    expect((await engine.inspect(ref)).state).not.toBe('running');
  });

  const states: readonly { readonly state: EngineObject['state']; readonly reach: () => Promise<EngineObject> }[] = [
    { state: 'ready', reach: () => fixture.create() },
    {
      state: 'running',
      reach: () => fixture.running({ command: programs.shell ? command(`trap '' TERM; ${FOREVER}`) : forever }),
    },
    { state: 'stopped', reach: async () => engine.stop((await fixture.running()).ref, 500) },
    ...(canPause
      ? [
          {
            state: 'paused' as const,
            reach: async () => engine.pause((await fixture.running({ command: forever })).ref),
          },
        ]
      : []),
  ];

  it.each(states)('destroys what is $state, twice, and then knows nothing of it', async ({ state, reach }) => {
    const object = await reach();
    expect(object.state).toBe(state);
    await engine.destroy(object.ref);
    await engine.destroy(object.ref);
    expect(await find(object.ref)).toBeUndefined();
    for (const call of [engine.inspect, engine.start, engine.inspectRaw]) {
      await expect(call(object.ref)).rejects.toMatchObject({ name: 'AppError', code: 'not_found' });
    }
    await expect(run(engine, object.ref, programs.nothing)).rejects.toMatchObject({
      name: 'AppError',
      code: 'not_found',
    });
  });

  if (canPause) {
    it('pauses all that runs, and resumes it', async () => {
      const { ref } = await fixture.running({ command: [...programs.burns] });
      expect(await engine.pause(ref)).toMatchObject({ state: 'paused' });
      expect((await find(ref))?.state).toBe('paused');
      const cpu = async () => (await engine.sample([ref])).get(ref)?.cpuNs ?? 0;
      const frozen = await cpu();
      // Another sandbox's work is the clock.
      const other = await fixture.running();
      await run(engine, other.ref, programs.sleeps(1));
      expect((await cpu()) - frozen).toBeLessThan(100e6);

      expect(await engine.resume(ref)).toMatchObject({ state: 'running' });
      await until('it to go on', async () => (await cpu()) > frozen + 100e6);
    });

    it('stops what is paused', async () => {
      const { ref } = await fixture.running({ command: forever });
      await engine.pause(ref);
      expect(await engine.stop(ref, 1000)).toMatchObject({ state: 'stopped' });
    });
  } else {
    it('refuses to pause', async () => {
      const { ref } = await fixture.running();
      await expect(engine.pause(ref)).rejects.toMatchObject({ name: 'AppError', code: 'unsupported' });
    });
  }

  if (capabilities.features.updateLimits.support === 'unsupported') {
    it('refuses to change limits', async () => {
      const { ref } = await fixture.running();
      await expect(engine.updateLimits(ref, { processes: 100 })).rejects.toMatchObject({ code: 'unsupported' });
    });
  }

  it('is adopted by a second instance after the first is gone', async () => {
    const marker = uniqueSleep();
    const main = programs.shell ? command(`sleep ${marker} & ${FOREVER}`) : [...programs.waits(marker)];
    const spec = { command: main, labels: { kept: 'yes' } };
    const first = await fixture.makeEngine();
    const { ref, owned, startedAt } = await fixture.running(spec, first);
    await first.dispose();
    const second = await fixture.makeEngine();
    const adopted = (await second.list()).find((object) => object.owned?.id === owned?.id);
    expect(adopted).toMatchObject({ ref, state: 'running', startedAt, owned: { generation: 3 } });
    expect(adopted?.owned?.spec).toEqual(owned?.spec);
    expect((await run(second, ref, programs.prints([{ out: 'adopted\n' }]))).stdout.toString()).toBe('adopted\n');
    await until('all of it to be counted', async () => ((await second.sample([ref])).get(ref)?.pids ?? 0) >= 2);
    await untilAllRun(fixture, ref, [marker]);
    expect(await second.stop(ref, 500)).toMatchObject({ state: 'stopped' });
    await untilNoneRuns(fixture, ref, [marker]);
    await second.destroy(ref);
    expect(await find(ref)).toBeUndefined();
  });

  it('leaves nothing behind when creation is cancelled on the way', async () => {
    const before = await fixture.ours();
    await expect(fixture.createCancelled()).rejects.toThrow('cancelled');
    expect(await fixture.ours()).toEqual(before);
  });
}
