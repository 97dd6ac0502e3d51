import { afterEach, expect, it } from 'vitest';
import type { Task } from '../engine.ts';
import { command, type Fixture, openTerminal, run, sh, until } from './fixture.ts';

/** The count is in the shell's memory; the file only shows it. Written elsewhere first, so that it is never empty. */
const COUNTER = command(
  'i=0; while :; do i=$((i + 1)); echo $i > .next; mv .next count; [ $((i % 50)) = 0 ] && sleep 1; done',
);

const signal = () => new AbortController().signal;
const task = (): Task => ({ signal: signal(), progress: () => undefined });

export function snapshotCases(fixture: Fixture): void {
  const { engine, capabilities } = fixture;
  const { snapshots } = engine;
  afterEach(() => fixture.clear());

  if (capabilities.features.snapshots.support === 'unsupported' || !snapshots) {
    it('refuses to save, and is none the worse for it', async () => {
      expect(capabilities.features.snapshots.support).toBe('unsupported');
      const { ref } = await fixture.running();
      if (snapshots) {
        await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject({ code: 'unsupported' });
      }
      expect((await run(engine, ref, ['true'])).exit.code).toBe(0);
    });
    return;
  }

  const count = async (ref: string) => Number((await run(engine, ref, sh('cat count'))).stdout.toString());
  const counting = async () => {
    const { ref } = await fixture.running({ command: COUNTER });
    await until('it to count', async () => (await count(ref)) > 20);
    return ref;
  };
  const passes = (ref: string, value: number) =>
    until(`it to count past ${value}`, async () => (await count(ref)) > value);

  const afresh = async (ref: string) => {
    await engine.stop(ref, 0);
    await engine.start(ref);
    await until('it to count from the beginning', async () => (await count(ref)) > 20);
  };

  it('saves a running sandbox, which goes on', async () => {
    const ref = await counting();
    const before = await count(ref);
    await snapshots.create(ref, 'one', signal());
    expect(await engine.inspect(ref)).toMatchObject({ state: 'running' });
    await passes(ref, before);
    const [saved, ...others] = await snapshots.list(ref);
    expect([saved?.name, others]).toEqual(['one', []]);
    expect(Math.abs((saved?.createdAt ?? Date.now()) - Date.now())).toBeLessThan(30_000);
  });

  it('goes back to what was saved after it was stopped', async () => {
    const ref = await counting();
    const saved = await count(ref);
    await snapshots.create(ref, 'one', signal());
    await passes(ref, saved + 100);
    await engine.stop(ref, 0);
    // What the file says is from later; the sandbox cannot know of it.
    expect(await snapshots.restore(ref, 'one', signal())).toMatchObject({ state: 'running', exit: null });
    await until('it to write its old count', async () => (await count(ref)) < saved + 100);
    expect(await count(ref)).toBeGreaterThanOrEqual(saved);
    await passes(ref, saved + 100);
  });

  it('goes back again and again, also while it runs, and to each of several', { timeout: 120_000 }, async () => {
    const ref = await counting();
    await snapshots.create(ref, 'early', signal());
    const between = (await count(ref)) + 100;
    await afresh(ref);
    await passes(ref, between);
    await snapshots.create(ref, 'late', signal());
    for (const name of ['early', 'late', 'early']) {
      await passes(ref, between + 60);
      await snapshots.restore(ref, name, signal());
      await until(`the count of ${name}`, async () => {
        const now = await count(ref);
        return name === 'early' ? now < between : now > between && now < between + 60;
      });
    }
    expect((await snapshots.list(ref)).map(({ name }) => name).toSorted()).toEqual(['early', 'late']);
  });

  it('clones it: two go on from there, apart from each other', { timeout: 60_000 }, async () => {
    const ref = await counting();
    const saved = await count(ref);
    await snapshots.create(ref, 'one', signal());
    await passes(ref, saved + 100);
    const clone = await fixture.make({ command: COUNTER }, (request) => snapshots.clone(ref, 'one', request, task()));
    expect(clone).toMatchObject({ state: 'running', owned: { generation: 3 } });
    expect(clone.ref).not.toBe(ref);
    await until('the clone to write the old count', async () => (await count(clone.ref)) < saved + 100);
    expect(await count(clone.ref)).toBeGreaterThanOrEqual(saved);
    expect(await count(ref)).toBeGreaterThan(saved + 100);
    await engine.destroy(ref);
    await passes(clone.ref, saved + 150);
    expect(await snapshots.list(clone.ref)).toEqual([]);
  });

  it('says so when there is no such snapshot, or no such sandbox', async () => {
    const ref = await counting();
    const missing = { name: 'AppError', code: 'not_found' };
    await expect(snapshots.restore(ref, 'nothing', signal())).rejects.toMatchObject(missing);
    await expect(snapshots.remove(ref, 'nothing')).rejects.toMatchObject(missing);
    const before = await fixture.ours();
    await expect(
      fixture.make({ command: COUNTER }, (request) => snapshots.clone(ref, 'nothing', request, task())),
    ).rejects.toMatchObject(missing);
    expect(await fixture.ours()).toEqual(before);
    expect((await engine.inspect(ref)).state).toBe('running');
    await engine.destroy(ref);
    await expect(snapshots.list(ref)).rejects.toMatchObject(missing);
  });

  it('removes one and keeps the others', async () => {
    const ref = await counting();
    await snapshots.create(ref, 'one', signal());
    await afresh(ref);
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject({ code: 'conflict' });
    await snapshots.create(ref, 'two', signal());
    await snapshots.remove(ref, 'one');
    expect((await snapshots.list(ref)).map(({ name }) => name)).toEqual(['two']);
  });

  it('saves what goes on from a snapshot, or says that it cannot and harms nothing', async () => {
    const ref = await counting();
    await snapshots.create(ref, 'one', signal());
    const again = await snapshots.create(ref, 'two', signal()).then(
      () => 'saved',
      (error: unknown) => error,
    );
    if (again !== 'saved') expect(again).toMatchObject({ name: 'AppError', code: 'conflict' });
    await passes(ref, await count(ref));
    await afresh(ref);
    await snapshots.create(ref, 'three', signal());
    await passes(ref, await count(ref));
  });

  it('refuses while a console is open, or when it does not run, and harms nothing', async () => {
    const ref = await counting();
    const { console } = await openTerminal(engine, ref, { argv: ['sh'] });
    const conflict = { name: 'AppError', code: 'conflict' };
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject(conflict);
    await console.kill();
    // What a command left running counts as well: it still has the command's pipes.
    const { stdout } = await run(engine, ref, sh('sleep 1000 & echo $!'));
    await expect(snapshots.create(ref, 'one', signal())).rejects.toMatchObject(conflict);
    await run(engine, ref, ['kill', '-9', stdout.toString().trim()]);
    await snapshots.create(ref, 'one', signal());
    await passes(ref, await count(ref));
    await engine.stop(ref, 0);
    await expect(snapshots.create(ref, 'two', signal())).rejects.toMatchObject(conflict);
    expect((await snapshots.list(ref)).map(({ name }) => name)).toEqual(['one']);
    expect(await engine.start(ref)).toMatchObject({ state: 'running' });
  });
}
