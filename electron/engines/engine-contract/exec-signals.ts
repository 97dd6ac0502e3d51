import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandSignal, commandSignals } from '../../../shared/contract/executions.ts';
import type { EngineObject, ExecControl } from '../engine.ts';
import { type Fixture, sh, uniqueSleep, until } from './fixture.ts';
import { untilAllRun, untilNoneRuns } from './running-inside.ts';

const FOREVER = 'while :; do sleep 0.1; done';

/** Signals by number, as a shell's 128 + n has it; the same on all of Linux. */
const numbers: Readonly<Record<CommandSignal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
};

export function execSignalCases(fixture: Fixture): void {
  const { engine } = fixture;
  let sandbox: EngineObject;
  beforeAll(async () => {
    sandbox = await fixture.running();
  });
  afterAll(() => fixture.clear());

  /** A command that has said so when it is ready, and how to send it something. */
  async function begin(argv: readonly string[]) {
    let output = '';
    const started = Promise.withResolvers<ExecControl>();
    const exit = engine.exec(
      sandbox.ref,
      { argv, env: {} },
      {
        signal: new AbortController().signal,
        // A shell tells on stderr what a signal has ended.
        onOutput: (stream, chunk) => {
          if (stream === 'stdout') output += Buffer.from(chunk).toString();
        },
        onStarted: started.resolve,
      },
    );
    exit.catch(started.reject);
    const { signal } = await started.promise;
    await until('the command to be ready', () => output.includes('ready\n'));
    return { exit, signal, output: () => output };
  }

  if (fixture.capabilities.features.execSignals.support === 'unsupported') {
    it('does not offer to send signals', async () => {
      let offered = false;
      await engine.exec(
        sandbox.ref,
        { argv: fixture.programs.nothing, env: {} },
        {
          signal: new AbortController().signal,
          onOutput: () => undefined,
          onStarted: () => {
            offered = true;
          },
        },
      );
      expect(offered).toBe(false);
    });
    return;
  }

  const caught = commandSignals.filter((name) => name !== 'SIGKILL');
  it.each(caught)('gives a command %s, which ends with a code of its own', async (name) => {
    const { exit, signal, output } = await begin(
      sh(`trap 'echo goodbye; exit 3' ${name.slice(3)}; echo ready; ${FOREVER}`),
    );
    expect(await signal(name)).toBe(true);
    expect(await exit).toMatchObject({ code: 3, signal: null });
    expect(output()).toBe('ready\ngoodbye\n');
  });

  it.each(commandSignals)('ends a command that does not care for %s', async (name) => {
    // Shells themselves ignore some.
    const marker = uniqueSleep();
    const { exit, signal } = await begin(sh(`echo ready; exec sleep ${marker}`));
    await untilAllRun(fixture, sandbox.ref, [marker]);
    expect(await signal(name)).toBe(true);
    const { code, signal: ended } = await exit;
    expect([code, ended]).toSatisfy(() => code === 128 + numbers[name] || ended === name);
  });

  it('lets a command go on that ignores one, and gives it the next', async () => {
    const { exit, signal } = await begin(sh(`trap '' INT; trap 'exit 4' TERM; echo ready; ${FOREVER}`));
    expect(await signal('SIGINT')).toBe(true);
    expect(await signal('SIGTERM')).toBe(true);
    expect(await exit).toMatchObject({ code: 4 });
  });

  it('reaches the whole process group and nothing else', async () => {
    const [own, apart] = [uniqueSleep(), uniqueSleep()];
    const other = await begin(sh(`trap 'exit 6' TERM; echo ready; ${FOREVER}`));
    const { exit, signal } = await begin(
      sh(`trap 'exit 5' TERM; sleep ${own} & setsid sleep ${apart} & echo ready; ${FOREVER}`),
    );
    await untilAllRun(fixture, sandbox.ref, [own, apart]);
    await signal('SIGTERM');
    expect(await exit).toMatchObject({ code: 5 });
    await untilNoneRuns(fixture, sandbox.ref, [own]);
    await untilAllRun(fixture, sandbox.ref, [apart]);
    expect(await other.signal('SIGTERM')).toBe(true);
    expect(await other.exit).toMatchObject({ code: 6 });
  });

  it('reaches a command that has only just been started', async () => {
    const marker = uniqueSleep();
    const started = Promise.withResolvers<ExecControl>();
    const io = { signal: new AbortController().signal, onOutput: () => undefined, onStarted: started.resolve };
    const exit = engine.exec(sandbox.ref, { argv: ['sleep', marker], env: {} }, io);
    expect(await (await started.promise).signal('SIGTERM')).toBe(true);
    const { code, signal } = await exit;
    expect([code, signal]).toSatisfy(() => code === 128 + numbers.SIGTERM || signal === 'SIGTERM');
  });

  it('tells that there is nobody any more', async () => {
    const { exit, signal } = await begin(sh('echo ready'));
    await exit;
    expect(await signal('SIGINT')).toBe(false);
  });
}
