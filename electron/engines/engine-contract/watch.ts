import { afterEach, expect, it } from 'vitest';
import type { EngineChange } from '../engine.ts';
import { type Fixture, uniqueSleep, until } from './fixture.ts';
import { watching as watch } from './watching.ts';

export function watchCases(fixture: Fixture): void {
  const { engine, harness, programs } = fixture;
  const forever = [...programs.waits(uniqueSleep())];
  afterEach(() => fixture.clear());

  const watching = (body: (changes: readonly EngineChange[]) => Promise<void>) => watch(engine, body);
  const saw = (changes: readonly EngineChange[], ref: string, state: string) =>
    changes.some((change) => change.type === 'changed' && change.object.ref === ref && change.object.state === state);

  it('reports that the main program ended, with its exit code', async () => {
    await watching(async (changes) => {
      const { ref } = await fixture.running({ command: [...programs.sleeps(1, 9)] });
      await until('the change', () => saw(changes, ref, 'stopped'), 5000);
      const change = changes.findLast((each) => each.type === 'changed' && each.object.ref === ref);
      expect(change).toMatchObject({ object: { exit: { code: 9 } } });
    });
  });

  it('reports what another instance does', async () => {
    const { ref } = await fixture.create({ command: forever });
    const other = await fixture.makeEngine();
    await watching(async (changes) => {
      await other.start(ref);
      await until('the start', () => saw(changes, ref, 'running'), 5000);
      await other.stop(ref, 200);
      await until('the stop', () => saw(changes, ref, 'stopped'), 5000);
      await other.destroy(ref);
      const removed = () => changes.some((change) => change.type === 'removed' && change.ref === ref);
      await until('the removal', removed, 5000);
    });
  });

  const { changeOutside } = harness;
  if (changeOutside) {
    it('reports what is done outside of Terrarium', async () => {
      const object = await fixture.running({ command: forever });
      await watching(async (changes) => {
        await changeOutside(object);
        await until('the change', () => saw(changes, object.ref, 'stopped'), 5000);
      });
      expect((await engine.inspect(object.ref)).state).toBe('stopped');
    });
  }

  it('ends when it is no longer wanted', async () => {
    await watching(async () => undefined);
  });
}
