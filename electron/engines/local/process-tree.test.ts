import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTerminal, processesWith, run, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import { createTestEngine } from './test-support.ts';

const gone = (marker: string) => until(`${marker} to be gone`, async () => (await processesWith(marker)).length === 0);
const there = (marker: string) => until(`${marker} to run`, async () => (await processesWith(marker)).length > 0);

/**
 * Starts its successor in a new session and ends, thousands of times: about 1 ms a generation. It
 * counts them, so that one that gets away ends by itself.
 */
const HOP = '[ "$0" = 50 ] && echo hopping >&3; [ "$0" -lt 20000 ] && setsid sh -c "$HOP" "$(($0 + 1))" & exit 0';

/** Cuts every tie that a daemon can cut: parents, session, environment, signals, working directory. */
const daemon = (marker: string) =>
  `(setsid env -i /bin/sh -c 'cd /; trap "" TERM HUP INT; (/usr/bin/setsid /bin/sleep ${marker} >/dev/null 2>&1 </dev/null &) ; exit 0' &)`;

it('finds a daemon that cut every tie when its sandbox is stopped', async () => {
  await using test = await createTestEngine();
  const marker = uniqueSleep();
  const { ref } = await test.running({ command: ['sh', '-c', `${daemon(marker)}; while :; do sleep 1; done`] });
  await there(marker);
  await test.engine.stop(ref, 200);
  expect(await processesWith(marker)).toEqual([]);
});

it('finds such a daemon of an exec that is cancelled, and leaves the others', async () => {
  await using test = await createTestEngine();
  const [mine, other] = [uniqueSleep(), uniqueSleep()];
  const { ref } = await test.running();
  await run(test.engine, ref, sh(daemon(other)));
  const controller = new AbortController();
  const running = run(test.engine, ref, sh(`${daemon(mine)}; sleep 1000`), { signal: controller.signal });
  const outcome = running.catch((error: unknown) => error);
  await Promise.all([there(mine), there(other)]);
  controller.abort(new Error('enough'));
  expect(await outcome).toBe(controller.signal.reason);
  await gone(mine);
  expect(await processesWith(other)).toHaveLength(1);
  await test.engine.stop(ref, 100);
  expect(await processesWith(other)).toEqual([]);
});

it('catches programs that are never twice the same process', async () => {
  await using test = await createTestEngine();
  const { ref, workspace } = await test.running({ env: { HOP } });
  // Every generation holds the pipe: it ends when none is left, however short each one lives.
  const pipe = join(workspace ?? '', 'held');
  await run(test.engine, ref, sh('mkfifo held'));
  const reader = createReadStream(pipe);
  const allGone = once(reader, 'close');
  // Several, so that a scan is slow enough to miss one.
  const start = 'for n in 1 2 3 4 5 6; do setsid sh -c "$HOP" 0 >/dev/null 2>&1 </dev/null & done';
  await run(test.engine, ref, sh(`exec 3>held; ${start}`));
  reader.resume();
  await once(reader, 'data');
  await test.engine.stop(ref, 50);
  await allGone;
});

it('ends a console when its program ends, though something else holds the terminal', async () => {
  await using test = await createTestEngine();
  const marker = uniqueSleep();
  const { ref } = await test.running();
  const terminal = await openTerminal(test.engine, ref, { argv: sh(`setsid sleep ${marker} & echo bye`) });
  expect((await terminal.console.exited).code).toBe(0);
  expect(terminal.output()).toBe('bye\r\n');
});

it('does not touch a process that only looks like a member', async () => {
  await using test = await createTestEngine();
  const { ref, owned } = await test.running();
  const marker = uniqueSleep();
  const stranger = spawn('sleep', [marker], {
    env: { ...process.env, TERRARIUM_SANDBOX_ID: owned?.id },
    stdio: 'ignore',
  });
  await once(stranger, 'spawn');
  await test.engine.destroy(ref);
  expect(await processesWith(marker)).toEqual([stranger.pid]);
  stranger.kill('SIGKILL');
  await once(stranger, 'exit');
});

it('counts CPU time of children that have ended', async () => {
  await using test = await createTestEngine();
  const burn = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  const script = `while [ ! -e go ]; do sleep 0.05; done; sh -c '${burn}'; touch done; sleep 1000`;
  const { ref } = await test.running({ command: ['sh', '-c', script] });
  const cpu = async () => (await test.engine.sample([ref])).get(ref)?.cpuNs ?? 0;
  const before = await cpu();
  await run(test.engine, ref, ['touch', 'go']);
  await until('the work to be done', async () => (await run(test.engine, ref, sh('test -e done'))).exit.code === 0);
  expect(await cpu()).toBeGreaterThan(before + 50e6);
});

it('counts what is written to disk, also when the writer is gone', async () => {
  await using test = await createTestEngine();
  const write = 'dd if=/dev/zero of=file bs=1M count=8 conv=fsync 2>/dev/null';
  const { ref } = await test.running({ command: ['sh', '-c', `${write}; touch done; sleep 1000`] });
  await until('the file', async () => (await run(test.engine, ref, sh('test -e done'))).exit.code === 0);
  const counters = (await test.engine.sample([ref])).get(ref);
  expect(counters?.diskWriteBytes).toBeGreaterThanOrEqual(8 * 1024 * 1024);
  expect(counters?.networkRxBytes).toBeNull();
});
