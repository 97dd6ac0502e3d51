import { afterEach, expect, it } from 'vitest';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { command, type Fixture, itWhere, run, sh, uniqueSleep, until } from './fixture.ts';
import { untilAllRun, untilNoneRuns } from './running-inside.ts';

const FOREVER = 'while :; do sleep 1; done';
const GRACE_MS = 1000;

export function stopCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  afterEach(() => fixture.clear());

  /** Waits until the script has set its traps, which it says with a file. */
  const ready = async (ref: string) =>
    until('the program to be ready', async () => {
      return (await run(engine, ref, sh('test -e ready'))).exit.code === 0;
    });

  itWhere(programs.shell)('kills a program that ignores TERM, after the grace', async () => {
    const { ref } = await fixture.running({ command: command(`trap '' TERM; touch ready; ${FOREVER}`) });
    await ready(ref);
    const start = performance.now();
    const { state, exit } = await engine.stop(ref, GRACE_MS);
    const took = performance.now() - start;
    expect(state).toBe('stopped');
    expect(took).toBeGreaterThan(GRACE_MS * 0.9);
    expect(took).toBeLessThan(GRACE_MS + 8000);
    expect([exit?.code, exit?.signal]).toSatisfy(([code, signal]) => code === 137 || signal === 'SIGKILL');
  });

  itWhere(programs.shell)('lets a program that handles TERM say goodbye', async () => {
    const script = `trap 'echo bye; exit 3' TERM; touch ready; ${FOREVER}`;
    const { ref } = await fixture.running({ command: command(script) });
    await ready(ref);
    const { state, exit } = await engine.stop(ref, 10_000);
    expect({ state, code: exit?.code }).toEqual({ state: 'stopped', code: 3 });
    const lines: LogLine[] = [];
    const options = { tail: 10, follow: false, signal: new AbortController().signal };
    for await (const batch of engine.logs(ref, options)) lines.push(...batch);
    expect(lines.map(({ text }) => text)).toContain('bye');
  });

  itWhere(programs.shell)('does not wait for the grace when there is nothing to wait for', async () => {
    const { ref } = await fixture.running({ command: command(`trap 'exit 0' TERM; touch ready; ${FOREVER}`) });
    await ready(ref);
    const start = performance.now();
    await engine.stop(ref, 20_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  itWhere(programs.shell)(
    'ends the whole tree, however it hid: setsid, double fork, ignored signals, an exec and a console',
    async () => {
      const hasConsole = fixture.capabilities.features.console.support !== 'unsupported';
      const markers = Array.from({ length: hasConsole ? 5 : 4 }, uniqueSleep);
      const [child, apart, daemon, fromExec, fromConsole] = markers;
      const script = [
        "trap '' TERM HUP",
        `sleep ${child} &`,
        `setsid sleep ${apart} &`,
        `(setsid sh -c 'sleep ${daemon} & exit 0' &)`,
        'touch ready',
        FOREVER,
      ].join('\n');
      const { ref } = await fixture.running({ command: command(script) });
      await ready(ref);
      await run(engine, ref, sh(`setsid sleep ${fromExec} >/dev/null 2>&1 </dev/null & exit 0`));
      const request = { argv: sh(`sleep ${fromConsole}`), cols: 80, rows: 24 };
      const terminal = hasConsole ? await engine.openConsole(ref, request) : null;
      terminal?.onOutput(() => undefined);
      await untilAllRun(fixture, ref, markers);
      await engine.stop(ref, 200);
      await untilNoneRuns(fixture, ref, markers);
      await terminal?.exited;
    },
  );

  it('ends everything on destroy as well', async () => {
    const marker = uniqueSleep();
    const hidden = command(`setsid sleep ${marker} & ${FOREVER}`);
    const { ref } = await fixture.running({ command: programs.shell ? hidden : [...programs.waits(marker)] });
    await untilAllRun(fixture, ref, [marker]);
    await engine.destroy(ref);
    await untilNoneRuns(fixture, ref, [marker]);
  });

  it('rejects or ends an exec that runs while its sandbox is stopped', async () => {
    const { ref } = await fixture.running();
    const started = Promise.withResolvers<void>();
    const running = engine.exec(
      ref,
      { argv: programs.printsAndWaits('go', '100000'), env: {} },
      { signal: new AbortController().signal, onOutput: () => started.resolve() },
    );
    const settled = running.then(
      (exit) => exit.code !== 0,
      () => true,
    );
    await started.promise;
    await engine.stop(ref, 200);
    expect(await settled).toBe(true);
  });
}
