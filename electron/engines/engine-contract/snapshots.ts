import { afterEach, expect, it } from 'vitest';
import type { Task } from '../engine.ts';
import { command, type Fixture, openTerminal, run, sh, until } from './fixture.ts';

/**
 * Remembers the last word that it was told (a file `say`) in its own memory, and shows it with a count.
 * Built-ins only, but for the sleep, so that it is quick also where processes are slow to start.
 */
const PARROT = command(
  'i=0; word=none; while :; do [ -e say ] && read -r word < say; i=$((i + 1)); echo "$word $i" > shown; [ $((i % 20)) = 0 ] && sleep 1; done',
);

/** Each start and each look takes its time on a busy machine. */
const SLOW = { timeout: 120_000 };

const signal = () => new AbortController().signal;
const task = (): Task => ({ signal: signal(), progress: () => undefined });

export function snapshotCases(fixture: Fixture): void {
  const { engine, capabilities, programs } = fixture;
  const { snapshots } = engine;
  afterEach(() => fixture.clear());

  if (capabilities.features.snapshots.support === 'unsupported' || !snapshots) {
    it('refuses to save, and is none the worse for it', async () => {
      expect(capabilities.features.snapshots.support).toBe('unsupported');
      const { ref } = await fixture.running();
      if (snapshots) {
        await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject({ code: 'unsupported' });
      }
      expect((await run(engine, ref, programs.nothing)).exit.code).toBe(0);
    });
    return;
  }

  /** What it shows; null while it is writing. */
  const shown = async (ref: string) => {
    const [, word, count] = /^(\w+) (\d+)\n$/.exec((await run(engine, ref, ['cat', 'shown'])).stdout.toString()) ?? [];
    return word === undefined ? null : { word, count: Number(count) };
  };
  const shows = async (ref: string, what: string, holds: (now: { word: string; count: number }) => boolean) => {
    let last: Awaited<ReturnType<typeof shown>> = null;
    await until(`it to show ${what}`, async () => {
      last = await shown(ref);
      return last !== null && holds(last);
    });
    return last ?? { word: '', count: 0 };
  };
  const says = (ref: string, expected: string) => shows(ref, expected, ({ word }) => word === expected);
  const goesOn = async (ref: string) => {
    const before = (await shows(ref, 'anything', () => true)).count;
    await shows(ref, `more than ${before}`, ({ count }) => count > before);
  };
  const tell = async (ref: string, word: string) => {
    // Moved there whole, and taken away once it is known, so that what goes back does not hear it again.
    await run(engine, ref, sh(`echo ${word} > .say && mv .say say`));
    const { count } = await says(ref, word);
    await run(engine, ref, ['rm', 'say']);
    return count;
  };
  const parrot = async () => {
    const { ref } = await fixture.running({ command: PARROT });
    await says(ref, 'none');
    return ref;
  };
  const afresh = async (ref: string) => {
    await engine.stop(ref, 0);
    await engine.start(ref);
    await says(ref, 'none');
  };

  it('saves a running sandbox, which goes on', async () => {
    const ref = await parrot();
    await tell(ref, 'hello');
    await snapshots.create(ref, 'one', signal());
    expect(await engine.inspect(ref)).toMatchObject({ state: 'running' });
    await goesOn(ref);
    expect((await says(ref, 'hello')).word).toBe('hello');
    const [saved, ...others] = await snapshots.list(ref);
    expect([saved?.name, others]).toEqual(['one', []]);
    expect(Math.abs((saved?.createdAt ?? Date.now()) - Date.now())).toBeLessThan(60_000);
  });

  it('goes back to what was saved after it was stopped', SLOW, async () => {
    const ref = await parrot();
    const saved = await tell(ref, 'early');
    await snapshots.create(ref, 'one', signal());
    await tell(ref, 'later');
    await engine.stop(ref, 0);
    expect(await snapshots.restore(ref, 'one', signal())).toMatchObject({ state: 'running', exit: null });
    // A new start would have counted from the beginning.
    expect((await says(ref, 'early')).count).toBeGreaterThanOrEqual(saved);
    await goesOn(ref);
  });

  it('goes back again and again, also while it runs, and to each of several', SLOW, async () => {
    const ref = await parrot();
    await tell(ref, 'early');
    await snapshots.create(ref, 'one', signal());
    await afresh(ref);
    await tell(ref, 'later');
    await snapshots.create(ref, 'two', signal());
    for (const [name, word] of [
      ['one', 'early'],
      ['two', 'later'],
      ['one', 'early'],
    ] as const) {
      await tell(ref, 'now');
      await snapshots.restore(ref, name, signal());
      expect((await says(ref, word)).word).toBe(word);
    }
    expect((await snapshots.list(ref)).map(({ name }) => name).toSorted()).toEqual(['one', 'two']);
  });

  it('clones it: two go on from there, apart from each other', SLOW, async () => {
    const ref = await parrot();
    const saved = await tell(ref, 'early');
    await snapshots.create(ref, 'one', signal());
    await tell(ref, 'later');
    const clone = await fixture.make({ command: PARROT }, (request) => snapshots.clone(ref, 'one', request, task()));
    expect(clone).toMatchObject({ state: 'running', owned: { generation: 3 } });
    expect(clone.ref).not.toBe(ref);
    expect((await says(clone.ref, 'early')).count).toBeGreaterThanOrEqual(saved);
    await tell(clone.ref, 'apart');
    expect((await says(ref, 'later')).word).toBe('later');
    await engine.destroy(ref);
    await goesOn(clone.ref);
    expect(await snapshots.list(clone.ref)).toEqual([]);
  });

  it('says so when there is no such snapshot, or no such sandbox', async () => {
    const ref = await parrot();
    const missing = { name: 'AppError', code: 'not_found' };
    await expect(snapshots.restore(ref, 'nothing', signal())).rejects.toMatchObject(missing);
    await expect(snapshots.remove(ref, 'nothing')).rejects.toMatchObject(missing);
    const before = await fixture.ours();
    await expect(
      fixture.make({ command: PARROT }, (request) => snapshots.clone(ref, 'nothing', request, task())),
    ).rejects.toMatchObject(missing);
    expect(await fixture.ours()).toEqual(before);
    expect((await engine.inspect(ref)).state).toBe('running');
    await engine.destroy(ref);
    await expect(snapshots.list(ref)).rejects.toMatchObject(missing);
  });

  it('removes one and keeps the others', SLOW, async () => {
    const ref = await parrot();
    await snapshots.create(ref, 'one', signal());
    await afresh(ref);
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject({ code: 'conflict' });
    await snapshots.create(ref, 'two', signal());
    await snapshots.remove(ref, 'one');
    expect((await snapshots.list(ref)).map(({ name }) => name)).toEqual(['two']);
  });

  it('saves what goes on from a snapshot, or says that it cannot and harms nothing', SLOW, async () => {
    const ref = await parrot();
    await snapshots.create(ref, 'one', signal());
    const again = await snapshots.create(ref, 'two', signal()).then(
      () => 'saved',
      (error: unknown) => error,
    );
    if (again !== 'saved') expect(again).toMatchObject({ name: 'AppError', code: 'conflict' });
    await goesOn(ref);
    await afresh(ref);
    await snapshots.create(ref, 'three', signal());
    await goesOn(ref);
  });

  it('refuses while a console is open, or when it does not run, and harms nothing', SLOW, async () => {
    const ref = await parrot();
    const { console } = await openTerminal(engine, ref, { argv: ['sh'] });
    const conflict = { name: 'AppError', code: 'conflict' };
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject(conflict);
    await console.kill();
    // What a command left running counts as well: it still has the command's pipes.
    const { stdout } = await run(engine, ref, sh('sleep 1000 & echo $!'));
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject(conflict);
    await run(engine, ref, ['kill', '-9', stdout.toString().trim()]);
    await snapshots.create(ref, 'one', signal());
    await goesOn(ref);
    await engine.stop(ref, 0);
    await expect(snapshots.create(ref, 'two', signal())).rejects.toMatchObject(conflict);
    expect((await snapshots.list(ref)).map(({ name }) => name)).toEqual(['one']);
    expect(await engine.start(ref)).toMatchObject({ state: 'running' });
  });
}
