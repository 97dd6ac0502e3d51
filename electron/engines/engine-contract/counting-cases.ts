import { expect, it } from 'vitest';
import type { LimitName } from '../../../shared/model/limits.ts';
import { command, type Fixture, itWhere, run, sh, until } from './fixture.ts';
import type { Piece } from './programs.ts';

// The host holds these limits by what the engine counts. That it does is shown for each engine by
// `electron/hosts/host-limits.test.ts`; that the engine counts all of it, here.

function cpuTime(fixture: Fixture): void {
  const { engine } = fixture;
  const used = async (ref: string) => ((await engine.sample([ref])).get(ref)?.cpuNs ?? 0) / 1e9;

  it('cpu time: is counted of all processes together, also of those that nobody waits for', async () => {
    const { ref } = await fixture.running({ limits: { cpuTimeMs: 600_000 } });
    const work = 'i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done';
    const before = await used(ref);
    await run(engine, ref, sh(`for n in 1 2 3 4; do sh -c '${work}'; done`));
    const waitedFor = (await used(ref)) - before;
    expect(waitedFor).toBeGreaterThan(0);
    // Each leaves its parent, and is over soon.
    await run(engine, ref, sh(`for n in 1 2 3 4 5 6 7 8; do (sh -c '${work}; touch done-$0' $n &); done`));
    const count = async () => (await run(engine, ref, sh('echo done-*'))).stdout.toString().match(/done-\d/g)?.length;
    await until('the work of all', async () => (await count()) === 8);
    // Twice the work. On a busy machine the same work does not take the same time each time.
    expect((await used(ref)) - before - waitedFor).toBeGreaterThan(waitedFor * 2 * 0.5);
  });

  it('cpu time: begins anew with each start', async () => {
    const burn = 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; touch burnt; while :; do sleep 1; done';
    const script = `[ -e burnt ] && while :; do sleep 1; done; ${burn}`;
    const { ref } = await fixture.running({ limits: { cpuTimeMs: 600_000 }, command: command(script) });
    await until('the work', async () => (await run(engine, ref, sh('test -e burnt'))).exit.code === 0);
    const first = await used(ref);
    await engine.stop(ref, 0);
    await engine.start(ref);
    await until('a count of the new run', async () => (await used(ref)) > 0);
    expect(await used(ref)).toBeLessThan(first);
  });
}

function output(fixture: Fixture): void {
  const { engine, programs } = fixture;
  /** Where it is best effort, it is counted all the same. */
  const limited = { limits: { outputBytes: 1024 * 1024 * 1024 }, allowBestEffort: true };
  const follow = async (ref: string, enough: number, signal = AbortSignal.timeout(25_000)) => {
    let last = 0;
    for await (const bytes of engine.outputBytes?.(ref, signal) ?? []) {
      expect(bytes).toBeGreaterThanOrEqual(last);
      last = bytes;
      if (bytes >= enough) break;
    }
    return last;
  };
  /** A line that ends in two bytes and one of longer characters, and one on the other stream. */
  const odd = `printf 'a\\r\\n'; echo 'ä €'; printf 'err\\r\\n' >&2`;
  const pieces: readonly Piece[] = [{ out: 'a\r\n' }, { out: 'ä €\n' }, { err: 'err\r\n' }];
  const ODD = 3 + 7 + 5;

  it('output: all bytes of the main program are counted, until it ends', async () => {
    const { ref } = await fixture.running({ ...limited, command: [...programs.prints([...pieces, ...pieces])] });
    expect(await follow(ref, Number.POSITIVE_INFINITY)).toBe(2 * ODD);
  });

  itWhere(programs.shell)('output: is counted from each start, also by whoever comes later', async () => {
    const script = `[ -e again ] || { touch again; seq 1 2000; }; ${odd}; touch written; while :; do sleep 1; done`;
    const { ref } = await fixture.running({ ...limited, command: command(script) });
    const first = 8893 + ODD; // seq writes 9 + 90 * 2 + 900 * 3 + 1001 * 4 digits, and an end of line each
    expect(await follow(ref, first)).toBe(first);
    await run(engine, ref, sh('rm written'));
    await engine.stop(ref, 0);
    await engine.start(ref);
    await until('the second run', async () => (await run(engine, ref, sh('test -e written'))).exit.code === 0);
    const another = await fixture.makeEngine();
    const counts: number[] = [];
    const stop = new AbortController();
    for await (const bytes of another.outputBytes?.(ref, stop.signal) ?? []) {
      counts.push(bytes);
      if (bytes >= ODD) stop.abort();
    }
    expect(counts.at(-1)).toBe(ODD);
  });

  it('output: a flood is counted, also where the log keeps only its end', async () => {
    const enough = 64 * 1024 * 1024;
    const { ref } = await fixture.running({ ...limited, command: [...programs.floodsForever] });
    expect(await follow(ref, enough)).toBeGreaterThanOrEqual(enough);
  });
}

export const countingCases: Readonly<Partial<Record<LimitName, (fixture: Fixture) => void>>> = {
  cpuTimeMs: cpuTime,
  outputBytes: output,
};
