import { afterEach, expect, test } from 'vitest';
import type { Execution } from '../../shared/contract/executions.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const { host } = hostForTests();

afterEach(() => destroyAll(host.client));

async function create(spec: Partial<SandboxSpecInput>): Promise<Sandbox> {
  const full = { engine: 'wasm', source: { type: 'empty' }, ...spec } as const;
  for await (const item of await host.client.sandboxes.create({ spec: full })) {
    if (item.type === 'created') return item.sandbox;
  }
  throw new Error('the creation ended without a sandbox');
}

const WALL_TIME_MS = 3000;

// What neither an interrupt handler nor a promise's rejection would end: the process is killed.
test.each([
  {
    what: 'a promise that never settles',
    command: ['js', '-e', 'setInterval(() => {}, 1000); await new Promise(() => {})'],
  },
  { what: 'a loop', command: ['js', '-e', 'while (true) {}'] },
  { what: 'a native that never ends', command: ['js', '-e', 'Array(2 ** 32 - 1).indexOf(1)'] },
  { what: 'a regular expression', command: ['js', '-e', "/^(a+)+$/.test('a'.repeat(64) + 'b')"] },
])('$what ends by the wall time, and the host goes on meanwhile', { timeout: 60_000 }, async ({ command }) => {
  const { id } = await create({ runtime: 'quickjs', command, limits: { wallTimeMs: WALL_TIME_MS } });
  // It answers while the guest is busy.
  const neighbour = await create({ runtime: 'quickjs' });
  let said = '';
  for await (const item of await host.client.executions.run({
    sandboxId: neighbour.id,
    command: ['js', '-e', 'print(6 * 7)'],
  })) {
    if (item.type === 'stdout') said += item.data;
  }
  expect(said).toBe('42\n');
  const stopped = await waitFor('the stop', async () => {
    const sandbox = await host.client.sandboxes.get({ id });
    return sandbox.state === 'stopped' && sandbox;
  });
  // At once, and not after the grace that a program has to say goodbye.
  expect(stopped.exit).toMatchObject({ limit: 'wallTimeMs', signal: 'SIGTERM' });
  expect((stopped.stoppedAt ?? 0) - (stopped.startedAt ?? 0)).toBeGreaterThanOrEqual(WALL_TIME_MS);
  expect((await host.client.sandboxes.get({ id: neighbour.id })).state).toBe('running');
});

test('an execution keeps the fuel that it burned', { timeout: 60_000 }, async () => {
  const { id: sandboxId } = await create({ runtime: 'quickjs', limits: { fuel: 1e9 } });
  const ended: Execution[] = [];
  const command = ['js', '-e', 'for (let n = 0; n < 1e5; n++);'];
  for await (const item of await host.client.executions.run({ sandboxId, command })) {
    if (item.type === 'ended') ended.push(item.execution);
  }
  const [execution] = ended;
  expect(execution?.exit?.fuelConsumed).toBeGreaterThan(100_000);
  expect(await host.client.executions.get({ id: execution?.id ?? '' })).toEqual(execution);
  expect(await host.client.executions.list({ sandboxId })).toEqual([execution]);
});
