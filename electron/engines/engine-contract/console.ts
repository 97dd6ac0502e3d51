import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineObject } from '../engine.ts';
import { type Fixture, itWhere, openTerminal, run, sh, uniqueSleep, until } from './fixture.ts';
import { untilAllRun, untilNoneRuns } from './running-inside.ts';

const LINES = 200_000;
const numbers = (last: number) => Array.from({ length: last }, (_, index) => index + 1).join('\r\n');

export function consoleCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  const { argv: shell, computes, hangs, says, keeps, recalls, size } = programs.console;
  let sandbox: EngineObject;
  beforeAll(async () => {
    sandbox = await fixture.running({ env: { FROM_SPEC: 'spec' } });
  });
  afterAll(() => fixture.clear());

  const open = (argv?: readonly string[]) => openTerminal(engine, sandbox.ref, { argv });

  it('opens a shell that computes', async () => {
    const { console, waitFor } = await open(programs.shell ? undefined : shell);
    expect(console.title).not.toBe('');
    console.write(programs.shell ? 'echo "<$((6*7))>$FROM_SPEC"\r' : `${computes}\r`);
    await waitFor(programs.shell ? '<42>spec' : '<42>');
    await console.kill();
  });

  itWhere(size !== null)('has a terminal of the size asked for, and the program sees a resize', async () => {
    const { console, waitFor } = await openTerminal(engine, sandbox.ref, { argv: shell, cols: 91, rows: 33 });
    console.write(`${size}\r`);
    await waitFor('33 91');
    await console.resize(117, 41);
    console.write(`${size}\r`);
    await waitFor('41 117');
    await console.kill();
  });

  itWhere(hangs !== null)('interrupts the program on Ctrl-C and keeps the shell', async () => {
    const { console, waitFor } = await open(shell);
    console.write(`${hangs?.(2)}\r`);
    await waitFor('go2');
    console.write('\x03');
    console.write(`${says('back', 2)}\r`);
    await waitFor('back2');
    await console.kill();
  });

  it('gives the exit code, after the last output', async () => {
    const { console, output } = await open(programs.prints([{ out: 'last words\n' }], 5));
    expect(await console.exited).toMatchObject({ code: 5, signal: null });
    expect(output()).toBe('last words\r\n');
    await console.resize(100, 30);
    await console.kill();
  });

  it('carries UTF-8 and what is typed', async () => {
    const { console, waitFor } = await open(programs.echoesLine);
    console.write('grüße 🌱\r');
    await waitFor('<grüße 🌱>');
    await console.exited;
  });

  it('serves two at once', async () => {
    const [one, two] = await Promise.all([open(shell), open(shell)]);
    one.console.write(`${keeps('one')}\r`);
    two.console.write(`${keeps('two')}\r`);
    one.console.write(`${recalls}\r`);
    two.console.write(`${recalls}\r`);
    await Promise.all([one.waitFor('<one>'), two.waitFor('<two>')]);
    await one.console.kill();
    two.console.write(`${says('still', 2)}\r`);
    await two.waitFor('still2');
    await two.console.kill();
  });

  it('loses nothing of a flood that is paused and resumed', async () => {
    const console = await engine.openConsole(sandbox.ref, { argv: programs.counts(LINES), cols: 80, rows: 24 });
    const chunks: Buffer[] = [];
    let pauses = 0;
    let unread = 0;
    console.onOutput((chunk) => {
      chunks.push(Buffer.from(Uint8Array.from(chunk)));
      unread += chunk.length;
      if (unread < 64 * 1024) return;
      unread = 0;
      pauses += 1;
      console.pause();
      setTimeout(() => console.resume(), 5);
    });
    expect((await console.exited).code).toBe(0);
    expect(pauses).toBeGreaterThan(3);
    expect(Buffer.concat(chunks).toString().trimEnd() === numbers(LINES)).toBe(true);
  });

  it('stops the program while nobody reads', async () => {
    // `cat`, because busybox's head writes to a terminal line by line: four million tiny writes.
    const { console, output } = await open(
      programs.shell ? sh('yes | head -c 8000000 | cat; echo over > flooded') : programs.floods(8_000_000, 'flooded'),
    );
    await until('first output', () => output().length > 0);
    console.pause();
    await run(engine, sandbox.ref, programs.shell ? sh('sleep 1; yes | head -c 8000000') : programs.sleeps(1));
    expect((await run(engine, sandbox.ref, programs.findsFile('flooded'))).exit.code).not.toBe(0);
    console.resume();
    expect((await console.exited).code).toBe(0);
  });

  itWhere(programs.shell)('keeps what was written before the program ended while it was paused', async () => {
    const console = await engine.openConsole(sandbox.ref, {
      argv: sh('read line; seq 1 500; echo over > ended'),
      cols: 80,
      rows: 24,
    });
    const chunks: Buffer[] = [];
    console.onOutput((chunk) => void chunks.push(Buffer.from(Uint8Array.from(chunk))));
    console.pause();
    console.write('\r');
    await until('the program to end', async () => {
      return (await run(engine, sandbox.ref, sh('test -e ended'))).exit.code === 0;
    });
    // A second inside is the clock: whatever gives up on a paused terminal would have done so by now.
    await run(engine, sandbox.ref, ['sleep', '1']);
    console.resume();
    await console.exited;
    expect(Buffer.concat(chunks).toString().trim()).toBe(numbers(500));
  });

  itWhere(programs.shell)('leaves no process behind when it is killed', async () => {
    const markers = [uniqueSleep(), uniqueSleep(), uniqueSleep()];
    const [job, apart, foreground] = markers;
    const { console, waitFor } = await open(['sh']);
    console.write(`sleep ${job} & setsid sleep ${apart} & echo go$((1+1)); sleep ${foreground}\r`);
    await waitFor('go2');
    await untilAllRun(fixture, sandbox.ref, markers);
    await console.kill();
    await console.exited;
    await untilNoneRuns(fixture, sandbox.ref, markers);
    await console.kill();
  });

  it('can be killed while it is paused', async () => {
    const { console, output } = await open(programs.floodsForever);
    await until('first output', () => output().length > 0);
    console.pause();
    await console.kill();
    await console.exited;
  });

  it('refuses a program that does not exist', async () => {
    const attempt = engine.openConsole(sandbox.ref, { argv: ['no-such-shell-here'], cols: 80, rows: 24 });
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'invalid_input' });
  });

  it('ends with its sandbox', async () => {
    const other = await fixture.running();
    const { console } = await openTerminal(engine, other.ref, { argv: shell });
    await engine.stop(other.ref, 500);
    await console.exited;
  });
}
