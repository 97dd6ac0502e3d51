import { expect, it } from 'vitest';
import type { LimitName } from '../../../shared/model/limits.ts';
import type { EngineObject } from '../engine.ts';
import { countingCases } from './counting-cases.ts';
import { command, type Fixture, processesWith, run, sh, uniqueSleep, until } from './fixture.ts';
import { untilNoneRuns } from './running-inside.ts';
import { watching } from './watching.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What else runs must not notice that a sandbox hit its limit. */
async function expectFine({ engine, programs }: Fixture, { ref }: EngineObject): Promise<void> {
  expect((await run(engine, ref, programs.prints([{ out: 'fine\n' }]))).stdout.toString()).toBe('fine\n');
  expect((await engine.inspect(ref)).state).toBe('running');
}

/** Runs a command of which it does not matter how it ends: killed with its sandbox, or alone. */
async function ends(fixture: Fixture, ref: string, argv: readonly string[]): Promise<number | null> {
  return run(fixture.engine, ref, argv).then(
    ({ exit }) => exit.code,
    () => null,
  );
}

function memory(fixture: Fixture): void {
  const { engine, programs } = fixture;
  const allocate = (bytes: number) => programs.takesMemory(bytes, false);
  const limits = { memoryBytes: 64 * MIB };

  it('memory: a command that takes more is killed, and the sandbox’s neighbours are fine', async () => {
    const neighbour = await fixture.running();
    const { ref } = await fixture.running({ limits });
    expect(await ends(fixture, ref, allocate(8 * MIB))).toBe(0);
    await watching(engine, async (changes) => {
      expect(await ends(fixture, ref, allocate(300 * MIB))).not.toBe(0);
      await until('the limit to be told of', async () => {
        const told = changes.some(
          (change) => change.type === 'limit' && change.ref === ref && change.limit === 'memoryBytes',
        );
        return told || (await engine.inspect(ref)).exit?.limit === 'memoryBytes';
      });
    });
    await expectFine(fixture, neighbour);
  });

  it('memory: a main program that takes more is killed, and its end says why', async () => {
    const neighbour = await fixture.running();
    const { ref } = await fixture.running({ limits, command: [...allocate(300 * MIB)] });
    await until('its end', async () => (await engine.inspect(ref)).state === 'stopped');
    expect((await engine.inspect(ref)).exit).toMatchObject({ limit: 'memoryBytes' });
    await expectFine(fixture, neighbour);
  });
}

/**
 * Unlike a shell, awk goes on when nothing more can be started. Far more than the limit, were nothing
 * to hold it, and too few to harm this machine.
 */
const bomb = (marker: string) =>
  sh(`awk 'BEGIN { for (i = 0; i < 1000; i++) system("sleep ${marker} &") }' >/dev/null 2>&1 </dev/null & echo lit`);
/** Built-ins only, as it must go on where nothing more can be started. Tells of each new record. */
const COUNTER = `most=0
while :; do
  set -- /proc/[0-9]*
  [ $# -gt $most ] && most=$# && echo $most
done`;

function processes(fixture: Fixture): void {
  const { engine, harness } = fixture;
  const limit = 48;
  /** Docker's init, which does not count, and one that the kernel counts for a moment while it refuses it. */
  const allowance = 2;

  it('processes: a fork bomb never has more of them than the limit, and its neighbours are fine', async () => {
    const neighbour = await fixture.running();
    const { ref } = await fixture.running({ limits: { processes: limit } });
    const marker = uniqueSleep();
    const stop = new AbortController();
    let seenInside = 0;
    const counting = engine
      .exec(
        ref,
        { argv: sh(COUNTER), env: {} },
        {
          signal: stop.signal,
          onOutput: (_stream, chunk) => {
            seenInside = Math.max(seenInside, ...Buffer.from(chunk).toString().trim().split('\n').map(Number));
          },
        },
      )
      .catch(() => undefined); // it ends by being aborted; until then `seenInside` tells that it works
    await until('the counter', () => seenInside > 0);
    const lit = await run(engine, ref, bomb(marker));
    expect(lit.stdout.toString()).toBe('lit\n');

    let most = 0;
    await until('the bomb to be at the limit', async () => {
      most = Math.max(most, (await engine.sample([ref])).get(ref)?.pids ?? 0);
      return most >= limit - 1 && seenInside >= limit;
    });
    // It goes on trying: programs end and others take their places.
    const enough = Date.now() + 2000;
    await until('two more seconds', async () => {
      most = Math.max(most, (await engine.sample([ref])).get(ref)?.pids ?? 0);
      if (harness.processesVisible !== false) {
        expect((await processesWith(marker)).length).toBeLessThanOrEqual(limit);
      }
      return Date.now() > enough;
    });
    expect(most).toBeLessThanOrEqual(limit + allowance);
    // A list of /proc is no picture of one moment: it can show who has ended beside who came then.
    expect(seenInside).toBeLessThanOrEqual(limit * 1.25);
    await expectFine(fixture, neighbour);

    stop.abort();
    await counting;
    await engine.destroy(ref);
    await untilNoneRuns(fixture, ref, [marker]);
    await expectFine(fixture, neighbour);
  });
}

function cpu(fixture: Fixture): void {
  const { engine } = fixture;

  it('cpu: a burner gets its share and no more, by the engine’s own counters', async () => {
    const share = 0.25;
    const burn = command('while :; do :; done & while :; do :; done');
    const { ref } = await fixture.running({ limits: { cpuCores: share }, command: burn });
    const sample = async () => {
      const counters = (await engine.sample([ref])).get(ref);
      if (counters?.cpuNs == null) throw new Error('no CPU time was counted');
      return { at: counters.at, cpuNs: counters.cpuNs };
    };
    const first = await sample();
    let last = first;
    await until('4 s of its time', async () => {
      last = await sample();
      return last.at - first.at > 4000;
    });
    const used = (last.cpuNs - first.cpuNs) / 1e6 / (last.at - first.at);
    // The kernel gives out shares in periods of 0.1 s, and on a busy machine a sandbox may get less.
    expect(used).toBeLessThan(share * 1.4);
    expect(used).toBeGreaterThan(share * 0.1);
  });
}

function fileSize(fixture: Fixture): void {
  const { engine } = fixture;
  const limits = { fileSizeBytes: 64 * KIB };

  it('file size: what a command writes ends at the limit, and smaller files are whole', async () => {
    const { ref } = await fixture.running({ limits });
    const write = (bytes: number) => `head -c ${bytes} /dev/zero > file; code=$?; wc -c < file; exit $code`;
    const small = await run(engine, ref, sh(write(KIB)));
    expect([small.exit.code, small.stdout.toString().trim()]).toEqual([0, String(KIB)]);
    const big = await run(engine, ref, sh(write(MIB)));
    expect(big.exit.code).not.toBe(0);
    expect(Number(big.stdout.toString())).toBeLessThanOrEqual(limits.fileSizeBytes);
  });

  it('file size: holds for the main program as well', async () => {
    const { ref } = await fixture.running({
      limits,
      command: command(`head -c ${MIB} /dev/zero > file; touch written; while :; do sleep 1; done`),
    });
    await until('the attempt', async () => (await run(engine, ref, sh('test -e written'))).exit.code === 0);
    const { stdout } = await run(engine, ref, sh('wc -c < file'));
    expect(Number(stdout.toString())).toBeLessThanOrEqual(limits.fileSizeBytes);
  });
}

function openFiles(fixture: Fixture): void {
  const { engine } = fixture;

  it('open files: a program cannot have more than the limit open at once', async () => {
    const limit = 64;
    const { ref } = await fixture.running({ limits: { openFiles: limit } });
    // `tee` opens all at once, and complains of each that it cannot on a line of its own.
    const open = async (count: number) => {
      const script = `rm -rf opened; mkdir opened; cd opened; tee $(seq 1 ${count}) </dev/null`;
      const { exit, stderr } = await run(engine, ref, sh(script));
      return { code: exit.code, opened: count - stderr.toString().split('\n').filter(Boolean).length };
    };
    expect(await open(limit / 2)).toEqual({ code: 0, opened: limit / 2 });
    const { code, opened } = await open(limit * 4);
    expect(code).not.toBe(0);
    expect(opened).toBeLessThan(limit);
    expect(opened).toBeGreaterThanOrEqual(limit / 2);
  });
}

function fuel(fixture: Fixture): void {
  const { engine, programs } = fixture;
  const limits = { fuel: 3_000_000_000 };

  it('fuel: the same program burns the same in every run, and more of it for more', async () => {
    const burnt = async (count: number) => {
      const { ref } = await fixture.running({ limits });
      const { exit } = await run(engine, ref, programs.counts(count));
      expect(exit.code).toBe(0);
      return exit.fuelConsumed ?? 0;
    };
    const first = await burnt(1000);
    expect(first).toBeGreaterThan(10_000);
    expect(await burnt(1000)).toBe(first);
    expect(await burnt(5000)).toBeGreaterThan(first);
  });

  it('fuel: who burns it all is ended, a command and a main program, and the sandbox goes on', async () => {
    const { ref } = await fixture.running({ limits: { fuel: 300_000_000 } });
    const { exit } = await run(engine, ref, programs.burns);
    expect(exit).toMatchObject({ limit: 'fuel', fuelConsumed: 300_000_000 });
    await expectFine(fixture, { ...(await engine.inspect(ref)) });
    const main = await fixture.running({ limits: { fuel: 300_000_000 }, command: [...programs.burns] });
    await until('its end', async () => (await engine.inspect(main.ref)).state === 'stopped', 25_000);
    expect((await engine.inspect(main.ref)).exit).toMatchObject({ limit: 'fuel' });
  });
}

/** How each limit is shown to hold. One that is claimed as `enforced` and is not here fails the suite. */
export const limitCases: Readonly<Partial<Record<LimitName, (fixture: Fixture) => void>>> = {
  ...countingCases,
  memoryBytes: memory,
  fuel,
  processes,
  cpuCores: cpu,
  fileSizeBytes: fileSize,
  openFiles,
};
