import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Counters } from '../../../shared/model/sample.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Engine, EngineRef } from '../../engines/engine.ts';
import { openStore } from '../../store/store.ts';
import type { Engines } from '../engines/engines.ts';
import { createRegistry } from '../sandboxes/registry.ts';
import { createMonitor } from './monitor.ts';

const sandbox = (id: string): Sandbox => ({
  id,
  name: id,
  engine: 'process',
  state: 'running',
  foreign: false,
  spec: null,
  source: 'empty',
  generation: 1,
  createdAt: 1,
  startedAt: 1,
  stoppedAt: null,
  exit: null,
  error: null,
  ports: [],
  workspace: null,
});

const counters: Counters = {
  at: Date.now(),
  cpuNs: 1,
  memoryBytes: 1,
  memoryLimitBytes: null,
  pids: 1,
  diskReadBytes: null,
  diskWriteBytes: null,
  networkRxBytes: null,
  networkTxBytes: null,
};

test('keeps nothing of a sandbox that was destroyed while it was measured', async () => {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-monitor-'));
  const store = openStore(join(home, 'terrarium.db'));
  onTestFinished(async () => {
    store.close();
    await rm(home, { recursive: true });
  });
  const registry = createRegistry(store);
  for (const id of ['stays', 'goes']) registry.put({ sandbox: sandbox(id), ref: id });
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const engine = {
    async sample(refs: readonly EngineRef[]) {
      asked.resolve();
      await answer.promise;
      return new Map(refs.map((ref) => [ref, counters]));
    },
  } as Partial<Engine> as Engine;
  const engines = { available: () => ({ engine }) } as unknown as Engines;
  const monitor = createMonitor({ registry, engines, log: pino({ enabled: false }) });
  onTestFinished(monitor.stop);
  const watching = monitor.watchAll(1000);
  await watching.next(); // the past, which is empty
  await asked.promise;
  registry.remove('goes');
  answer.resolve();
  const { value: measured } = await watching.next();
  expect(measured?.map(({ sandboxId }) => sandboxId)).toEqual(['stays']);
  const { value: remembered } = await monitor.watchAll(1000).next();
  expect(remembered?.map(({ sandboxId }) => sandboxId)).toEqual(['stays']);
});
