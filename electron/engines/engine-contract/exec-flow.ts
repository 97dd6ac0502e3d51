import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineObject } from '../engine.ts';
import { type Fixture, itWhere, run, sh, uniqueSleep, until } from './fixture.ts';
import { untilAllRun, untilNoneRuns } from './running-inside.ts';

const TEN_MB = 10 * 1024 * 1024;
const FLOOD = 32 * 1024 * 1024;
const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

export function execFlowCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  let sandbox: EngineObject;
  beforeAll(async () => {
    sandbox = await fixture.running();
  });
  afterAll(() => fixture.clear());

  it('delivers 10 MB of output intact', async () => {
    const { exit, stdout } = await run(engine, sandbox.ref, programs.floods(TEN_MB));
    expect(exit.code).toBe(0);
    expect(stdout.length).toBe(TEN_MB);
    expect(sha(stdout)).toBe(sha(Buffer.alloc(TEN_MB, '0123456789abcde\n')));
  });

  it('carries every byte value both ways', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const stdin = Buffer.concat([every, randomBytes(1_000_000), every]);
    const { stdout } = await run(engine, sandbox.ref, programs.copiesInput, { stdin });
    expect(stdout.length).toBe(stdin.length);
    expect(sha(stdout)).toBe(sha(stdin));
  });

  it('carries input that comes in pieces', async () => {
    const pieces = Array.from({ length: 40 }, () => randomBytes(100_000));
    let asked = 0;
    let read = 0;
    async function* input() {
      for (const piece of pieces) {
        asked += piece.length;
        yield piece;
      }
    }
    const hash = createHash('sha256');
    const exit = await engine.exec(
      sandbox.ref,
      { argv: programs.copiesInput, env: {}, stdin: input() },
      {
        signal: new AbortController().signal,
        onOutput: (_stream, chunk) => {
          read += chunk.length;
          hash.update(chunk);
        },
      },
    );
    expect([exit.code, asked, read]).toEqual([0, 4_000_000, 4_000_000]);
    expect(hash.digest('hex')).toBe(sha(Buffer.concat(pieces)));
  });

  it('asks for no more input than is read, and ends with its command', async () => {
    let given = 0;
    let isOver = false;
    async function* endless() {
      try {
        for (; !isOver; given += 1) {
          yield Buffer.alloc(65_536);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        isOver = true;
      }
    }
    const { exit, stdout } = await run(engine, sandbox.ref, programs.prints([{ out: 'no, thanks\n' }]), {
      stdin: endless(),
    });
    expect([exit.code, stdout.toString()]).toEqual([0, 'no, thanks\n']);
    await until('nobody to ask for more', () => isOver);
    expect(given).toBeLessThan(1000);
  });

  it('stalls the command while the reader is busy', async () => {
    const gate = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    let received = 0;
    const flood = engine.exec(
      sandbox.ref,
      { argv: programs.floods(FLOOD, 'finished'), env: {} },
      {
        signal: new AbortController().signal,
        onOutput: (_stream, chunk) => {
          received += chunk.length;
          first.resolve();
          return gate.promise;
        },
      },
    );
    await first.promise;
    const before = received;
    // As much output, read to its end, is the clock: the flood would have been over by now.
    await run(engine, sandbox.ref, programs.floods(FLOOD));
    expect(received).toBe(before);
    expect((await run(engine, sandbox.ref, programs.findsFile('finished'))).exit.code).not.toBe(0);

    gate.resolve();
    expect((await flood).code).toBe(0);
    expect(received).toBe(FLOOD);
  });

  it('gives the last output before it resolves, also to a slow reader', async () => {
    const seen: string[] = [];
    await engine.exec(
      sandbox.ref,
      { argv: programs.prints([{ out: 'one\n' }, { out: 'two\n' }]), env: {} },
      {
        signal: new AbortController().signal,
        onOutput: async (_stream, chunk) => {
          const text = Buffer.from(chunk).toString();
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(text);
        },
      },
    );
    expect(seen.join('')).toBe('one\ntwo\n');
  });

  itWhere(programs.shell)('does not wait for what a command leaves behind', async () => {
    const marker = uniqueSleep();
    const { exit, stdout } = await run(engine, sandbox.ref, sh(`sleep ${marker} & echo started`));
    expect(exit.code).toBe(0);
    expect(stdout.toString()).toBe('started\n');
  });

  it.each([
    // What `AbortSignal.timeout` says.
    { how: 'a timeout', reason: new DOMException('The operation was aborted due to timeout', 'TimeoutError') },
    { how: 'a cancel', reason: new Error('cancelled by the test') },
  ])('kills the command and all it started on $how, and rejects with the reason', async ({ reason }) => {
    const main = uniqueSleep();
    const [child, apart] = [uniqueSleep(), uniqueSleep()];
    const controller = new AbortController();
    const script = `trap '' TERM; sleep ${child} & setsid sleep ${apart} & sleep ${main}`;
    const argv = programs.shell ? sh(script) : programs.waits(main);
    const markers = programs.shell ? [child, apart, main] : [main];
    const running = run(engine, sandbox.ref, argv, { signal: controller.signal }).catch((error: unknown) => error);
    await untilAllRun(fixture, sandbox.ref, markers);
    controller.abort(reason);
    expect(await running).toBe(reason);
    await untilNoneRuns(fixture, sandbox.ref, markers);
    expect((await run(engine, sandbox.ref, programs.prints([{ out: 'still here\n' }]))).stdout.toString()).toBe(
      'still here\n',
    );
  });

  it('can be cancelled while the reader is busy', async () => {
    const controller = new AbortController();
    const first = Promise.withResolvers<void>();
    const flood = engine.exec(
      sandbox.ref,
      { argv: programs.floodsForever, env: {} },
      {
        signal: controller.signal,
        onOutput: () => {
          first.resolve();
          return new Promise(() => undefined);
        },
      },
    );
    const outcome = flood.catch((error: unknown) => error);
    await first.promise;
    controller.abort(new Error('enough'));
    expect(await outcome).toBe(controller.signal.reason);
  });

  it('does not start when it is cancelled beforehand', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    const outcome = await run(engine, sandbox.ref, programs.writesFile('never', ''), { signal }).catch(
      (error: unknown) => error,
    );
    expect(outcome).toBe(signal.reason);
    expect((await run(engine, sandbox.ref, programs.findsFile('never'))).exit.code).not.toBe(0);
  });
}
