import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExecutionItem } from '../../shared/contract/executions.ts';
import { capabilitiesFor } from '../../shared/model/engine.ts';
import type { LimitName } from '../../shared/model/limits.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { findTestPodman } from '../engines/podman/test-podman.ts';
import { TEST_IMAGE } from './testing/engine-truth.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const MIB = 1024 * 1024;
const image = { type: 'image', reference: TEST_IMAGE } as const;
const empty = { type: 'empty' } as const;

/** Every way of running sandboxes: what the host itself holds must hold for each. */
const ways: readonly (readonly [title: string, spec: Pick<SandboxSpecInput, 'engine' | 'source' | 'runtime'>])[] = [
  ['process', { engine: 'process', source: empty }],
  ['virtualenv', { engine: 'virtualenv', source: empty }],
  ['virtualenv in namespaces', { engine: 'virtualenv', source: empty, runtime: 'namespace' }],
  ['namespace', { engine: 'namespace', source: empty }],
  ['namespace with gVisor', { engine: 'namespace', source: empty, runtime: 'runsc' }],
  ['docker', { engine: 'docker', source: image }],
  ['docker with gVisor', { engine: 'docker', source: image, runtime: 'runsc' }],
  ['podman', { engine: 'podman', source: image }],
];

const podman = await findTestPodman();
const env = typeof podman === 'string' ? {} : { ...podman.env, CONTAINER_HOST: `unix://${podman.socket}` };

const { host } = hostForTests({ env });

afterEach(() => destroyAll(host.client));

async function run(sandboxId: string, script: string) {
  const items: ExecutionItem[] = [];
  const input = { sandboxId, command: ['sh', '-c', script], encoding: 'base64' } as const;
  for await (const item of await host.client.executions.run({ ...input, command: [...input.command] })) {
    items.push(item);
  }
  const ended = items.at(-1);
  if (ended?.type !== 'ended') throw new Error('the stream ended before the command');
  const text = items
    .map((item) => (item.type === 'stdout' ? Buffer.from(item.data, 'base64').toString() : ''))
    .join('');
  return { execution: ended.execution, text };
}

/** Waits until the limit has stopped it, and looks that it is said everywhere. */
async function expectStoppedBy(limit: LimitName, id: string): Promise<void> {
  const stopped = await waitFor(`the stop by ${limit}`, async () => {
    const sandbox = await host.client.sandboxes.get({ id });
    return sandbox.state === 'stopped' && sandbox;
  });
  expect(stopped.exit).toMatchObject({ limit });
  const events = await host.client.events.list({ sandboxId: id });
  expect(events.map(({ type }) => type)).toContain('limit_exceeded');
}

describe.each(ways)('%s', (title, way) => {
  const main = (script: string) => ({ command: ['sh', '-c', script] });

  async function create(spec: Partial<SandboxSpecInput>): Promise<Sandbox> {
    for await (const item of await host.client.sandboxes.create({ spec: { ...way, allowBestEffort: true, ...spec } })) {
      if (item.type === 'created') return item.sandbox;
    }
    throw new Error('the creation ended without a sandbox');
  }

  let missing: string | null = null;
  beforeAll(async () => {
    const report = await waitFor(`a look at ${title}`, async () =>
      (await host.client.engines.list({})).find(({ kind, status }) => kind === way.engine && status !== 'unknown'),
    );
    if (report.status === 'available' && capabilitiesFor(report, way.runtime)) return;
    missing = `${title} is not available here (${report.reason}); run: npm run provision`;
    if (process.env.TERRARIUM_REQUIRE_ENGINES === 'all') throw new Error(missing);
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  test('wallTimeMs: it is stopped', async () => {
    const { id } = await create({ limits: { wallTimeMs: 300 } });
    await expectStoppedBy('wallTimeMs', id);
  });

  test('idleTimeMs: it is stopped when nobody uses it', async () => {
    const { id } = await create({ limits: { idleTimeMs: 1000 } });
    await expectStoppedBy('idleTimeMs', id);
  });

  test('outputBytes: a command that writes more is killed, with what it may write, and its sandbox goes on', async () => {
    const limit = 64 * 1024;
    const { id } = await create({ limits: { outputBytes: limit } });
    const small = await run(id, 'seq 1 1000');
    expect(small.execution).toMatchObject({ state: 'exited', exit: { code: 0 } });
    expect(small.text.endsWith('\n999\n1000\n')).toBe(true);

    const { execution, text } = await run(id, 'yes & yes >&2');
    expect(execution).toMatchObject({ state: 'exited', exit: { code: null, signal: 'SIGKILL', limit: 'outputBytes' } });
    expect(execution.stdoutBytes + execution.stderrBytes).toBe(limit);
    expect(text).toHaveLength(execution.stdoutBytes);
    const events = await host.client.events.list({ sandboxId: id });
    expect(events.filter(({ type }) => type === 'limit_exceeded')).toMatchObject([
      { message: 'A command hit its limit of output' },
    ]);
    expect((await run(id, 'echo fine')).text).toBe('fine\n');
    expect(await host.client.executions.get({ id: execution.id })).toEqual(execution);
  });

  test('outputBytes: a main program that floods is stopped', async () => {
    const { id } = await create({ limits: { outputBytes: MIB }, ...main(`yes ${'0123456789abcdef'.repeat(8)}`) });
    await expectStoppedBy('outputBytes', id);
  });

  test('outputBytes: a main program is stopped only when all that it wrote is too much', async () => {
    const script =
      'seq 1 1000; touch written; until [ -e go ]; do sleep 0.1; done; echo more; while :; do sleep 1; done';
    const { id } = await create({ limits: { outputBytes: 3893 }, ...main(script) });
    await waitFor('its first output', async () => (await run(id, 'test -e written')).execution.exit?.code === 0);
    expect((await host.client.sandboxes.get({ id })).state).toBe('running');
    await run(id, 'touch go');
    await expectStoppedBy('outputBytes', id);
  });

  test.each([
    ['one program', 'while :; do :; done'],
    ['short programs together', "while :; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done'; done"],
  ])('cpuTimeMs: what %s use stops it', async (_what, script) => {
    const { id, startedAt } = await create({ limits: { cpuTimeMs: 1000 }, ...main(script) });
    await expectStoppedBy('cpuTimeMs', id);
    const { stoppedAt } = await host.client.sandboxes.get({ id });
    expect((stoppedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThan(500);
  });

  test('diskBytes: a workspace that grows too large stops it', async () => {
    const { id } = await create({ limits: { diskBytes: 8 * MIB } });
    await run(id, `mkdir sub; head -c ${16 * MIB} /dev/zero > sub/large`);
    await expectStoppedBy('diskBytes', id);
  });
});

test('a host that comes back counts what was used while there was none', async () => {
  const script = 'until [ -e go ]; do sleep 0.1; done; seq 1 1000; touch written; while :; do sleep 1; done';
  const spec: SandboxSpecInput = {
    engine: 'process',
    source: empty,
    limits: { outputBytes: 2048 },
    allowBestEffort: true,
    command: ['sh', '-c', script],
  };
  let made: Sandbox | undefined;
  for await (const item of await host.client.sandboxes.create({ spec })) {
    if (item.type === 'created') made = item.sandbox;
  }
  const { id, workspace } = made ?? {};
  if (id === undefined || !workspace) throw new Error('no sandbox with a workspace was made');
  await host.kill();
  await writeFile(join(workspace, 'go'), '');
  await waitFor('its output', async () => existsSync(join(workspace, 'written')));
  await host.start();
  await expectStoppedBy('outputBytes', id);
});
