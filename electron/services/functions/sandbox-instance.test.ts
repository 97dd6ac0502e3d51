import pino from 'pino';
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { functionSpecInputSchema } from '../../../shared/model/function.ts';
import { openSandboxInstance, type SandboxInstanceOptions } from './sandbox-instance.ts';

const spec = functionSpecInputSchema.parse({ engine: 'docker', code: { type: 'command', command: ['cat'] } });
const request = { functionId: 'fun', name: 'f', spec, keepState: false };
const { signal } = new AbortController();

/** One sandbox in the place of an engine that is away, until it is back. */
function fakeBench(state = 'running') {
  let isAway = true;
  let isThere = true;
  let tries = 0;
  const ending = new AbortController();
  const sandboxes = {
    create: async () => ({ id: 'sb', state, error: null }),
    destroy: async () => {
      tries += 1;
      if (isAway) throw new AppError('engine_unavailable', 'the engine is away');
      isThere = false;
    },
    onLimit: () => () => undefined,
  };
  const registry = {
    find: () => (isThere ? { sandbox: { state } } : undefined),
    onChange: () => () => undefined,
  };
  const options = {
    ...{ sandboxes, registry, run: 'run', ending: ending.signal, log: pino({ level: 'silent' }), retryMs: 1 },
  } as unknown as SandboxInstanceOptions;
  return {
    open: () => openSandboxInstance(options, request, signal),
    tries: () => tries,
    isThere: () => isThere,
    comeBack: () => {
      isAway = false;
    },
    end: () => ending.abort(),
  };
}

it('tries again to destroy a sandbox whose engine is away, and is over when it is gone', async () => {
  const bench = fakeBench();
  const instance = await bench.open();
  const closing = instance.close(new AbortController().signal).then(() => bench.isThere());
  await until(() => bench.tries() > 2);
  bench.comeBack();
  expect(await closing).toBe(false);
});

it('is waited for no longer than the patience lasts, and goes on trying', async () => {
  const bench = fakeBench();
  const instance = await bench.open();
  await instance.close();
  const patience = new AbortController();
  const closing = instance.close(patience.signal);
  patience.abort();
  await closing;
  expect(bench.isThere()).toBe(true);
  bench.comeBack();
  await until(() => !bench.isThere());
});

it('gives up when the host ends', async () => {
  const bench = fakeBench();
  const instance = await bench.open();
  const closing = instance.close(new AbortController().signal);
  bench.end();
  await closing;
  expect(bench.isThere()).toBe(true);
});

it('tells why it could not be opened, also when the sandbox cannot be destroyed', async () => {
  const bench = fakeBench('stopped');
  await expect(bench.open()).rejects.toThrow('The sandbox of "f" is stopped');
  bench.comeBack();
  await until(() => !bench.isThere());
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
