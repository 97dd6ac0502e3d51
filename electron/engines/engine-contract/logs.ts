import { afterEach, expect, it } from 'vitest';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { type Fixture, until } from './fixture.ts';

export function logsCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  afterEach(() => fixture.clear());

  const read = async (ref: string, tail: number, since?: number) => {
    const lines: LogLine[] = [];
    const { signal } = new AbortController();
    for await (const batch of engine.logs(ref, { tail, since, follow: false, signal })) lines.push(...batch);
    return lines;
  };
  const textOf = (lines: readonly LogLine[], stream: LogLine['stream']) =>
    lines.filter((line) => line.stream === stream).map(({ text }) => text);
  const ended = (ref: string) =>
    until('the main program to end', async () => (await engine.inspect(ref)).state === 'stopped');

  it('keeps stdout and stderr of the main program, also after its end', async () => {
    const { ref } = await fixture.running({
      command: [...programs.prints([{ out: 'one\n' }, { err: 'two\n' }, { out: 'unfinished' }], 4)],
    });
    await ended(ref);
    expect((await engine.inspect(ref)).exit).toMatchObject({ code: 4 });
    const lines = await read(ref, 100);
    expect(textOf(lines, 'stdout')).toEqual(['one', 'unfinished']);
    expect(textOf(lines, 'stderr')).toEqual(['two']);
  });

  it.each([
    { tail: 3, expected: ['998', '999', '1000'] },
    { tail: 0, expected: [] },
  ])('gives the last $tail lines', async ({ tail, expected }) => {
    const { ref } = await fixture.running({ command: [...programs.counts(1000)] });
    await ended(ref);
    expect((await read(ref, tail)).map(({ text }) => text)).toEqual(expected);
  });

  it('follows what comes, and ends when the reader is gone', async () => {
    const { ref } = await fixture.running({ command: [...programs.waitsForFile('go')] });
    const controller = new AbortController();
    const texts: string[] = [];
    const following = (async () => {
      for await (const batch of engine.logs(ref, { tail: 10, follow: true, signal: controller.signal })) {
        texts.push(...batch.map(({ text }) => text));
      }
    })();
    await until('the early line', () => texts.includes('early'));
    await engine.exec(
      ref,
      { argv: programs.writesFile('go', ''), env: {} },
      { signal: controller.signal, onOutput: () => undefined },
    );
    await until('the late line', () => texts.includes('late'));
    controller.abort();
    await following;
    expect(texts).toEqual(['early', 'late']);
  });

  if (fixture.capabilities.features.logTimes.support === 'unsupported') {
    it('has no times, as it says', async () => {
      const { ref } = await fixture.running({ command: [...programs.counts(3)] });
      await ended(ref);
      expect((await read(ref, 10)).map(({ at }) => at)).toEqual([null, null, null]);
    });
  } else {
    it('gives what was written since a time, and of that the last lines', async () => {
      const { ref } = await fixture.running({ command: [...programs.waitsForFile('go')] });
      await until('the early line', async () => (await read(ref, 10)).length === 1);
      const [early] = await read(ref, 10);
      const before = early?.at ?? 0;
      expect(before).toBeGreaterThan(Date.now() - 600_000);
      expect(await read(ref, 10, before)).toEqual([early]);
      expect(await read(ref, 10, before + 1)).toEqual([]);
      await engine.exec(
        ref,
        { argv: programs.writesFile('go', ''), env: {} },
        { signal: new AbortController().signal, onOutput: () => undefined },
      );
      await until('the late line', async () => (await read(ref, 10)).length === 2);
      const all = Number.POSITIVE_INFINITY;
      expect((await read(ref, all, before + 1)).map(({ text }) => text)).toEqual(['late']);
      expect((await read(ref, all, before)).map(({ text }) => text)).toEqual(['early', 'late']);
      expect((await read(ref, 1, before)).map(({ text }) => text)).toEqual(['late']);
    });
  }

  it('ends by itself when the main program ends', async () => {
    const { ref } = await fixture.running({ command: [...programs.takesItsTime] });
    const texts: string[] = [];
    for await (const batch of engine.logs(ref, { tail: 10, follow: true, signal: AbortSignal.timeout(15_000) })) {
      texts.push(...batch.map(({ text }) => text));
    }
    expect(texts).toEqual(['first', 'last']);
    expect((await engine.inspect(ref)).state).toBe('stopped');
  });
}
