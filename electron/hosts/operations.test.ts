import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { describeUnless } from '../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from './testing/engine-truth.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const execute = promisify(execFile);

const { home, host } = hostForTests();

afterEach(() => destroyAll(host.client));

async function create(spec: Partial<SandboxSpecInput> = {}): Promise<Sandbox> {
  const full = { engine: 'process', source: { type: 'empty' }, ...spec } as const;
  for await (const item of await host.client.sandboxes.create({ spec: full })) {
    if (item.type === 'created') return item.sandbox;
  }
  throw new Error('the creation ended without a sandbox');
}

async function eventsOf(sandboxId: string): Promise<readonly string[]> {
  return (await host.client.events.list({ sandboxId })).map((event) => event.type);
}

async function output(sandboxId: string, ...command: [string, ...string[]]): Promise<string> {
  let text = '';
  for await (const item of await host.client.executions.run({ sandboxId, command })) {
    if (item.type === 'stdout') text += item.data;
  }
  return text;
}

describe('limits that the host itself holds', () => {
  test('the wall time stops a sandbox, and the event says which limit it was', async () => {
    const { id } = await create({ limits: { wallTimeMs: 300 } });
    const stopped = await waitFor('the stop', async () => {
      const sandbox = await host.client.sandboxes.get({ id });
      return sandbox.state === 'stopped' && sandbox;
    });
    expect(stopped.exit).toMatchObject({ limit: 'wallTimeMs' });
    expect(await eventsOf(id)).toContain('limit_exceeded');
  });

  test('the idle time stops a sandbox that nobody uses', async () => {
    const { id } = await create({ limits: { idleTimeMs: 1000 } });
    await output(id, 'true');
    const stopped = await waitFor('the stop', async () => {
      const sandbox = await host.client.sandboxes.get({ id });
      return sandbox.state === 'stopped' && sandbox;
    });
    expect(stopped.exit).toMatchObject({ limit: 'idleTimeMs' });
  });

  test('a sandbox whose life is over is destroyed', async () => {
    const { id } = await create({ ttlMs: 1000 });
    await waitFor('the end', async () => (await host.client.sandboxes.list({})).every((sandbox) => sandbox.id !== id));
    expect(existsSync(join(home.path, 'sandboxes', id))).toBe(false);
  });
});

test('a name is taken once, also by a rename', async () => {
  await create({ name: 'taken' });
  const { id } = await create({ name: 'other' });
  expect(await failure(create({ name: 'taken' }))).toMatchObject({ code: 'conflict', details: { field: 'spec.name' } });
  expect(await failure(host.client.sandboxes.update({ id, name: 'taken' }))).toMatchObject({ code: 'conflict' });
  expect(await host.client.sandboxes.update({ id, name: 'new' })).toMatchObject({ name: 'new' });
});

test('what the engine cannot hold is refused before anything is made', async () => {
  const error = await failure(create({ limits: { diskBytes: 1024 * 1024 * 1024 }, network: { mode: 'none' } }));
  expect(error.code).toBe('unsupported');
  expect(error.details?.refusals).toMatchObject([{ field: 'limits.diskBytes' }, { field: 'network' }]);
  expect(await host.client.sandboxes.list({}).then((list) => list.filter((sandbox) => !sandbox.foreign))).toEqual([]);
});

test('a rebuild keeps the workspace and counts up', async () => {
  const { id, workspace } = await create();
  await output(id, 'sh', '-c', 'echo kept > file');
  expect(await host.client.sandboxes.rebuild({ id })).toMatchObject({ id, generation: 2, state: 'running' });
  expect(await readFile(join(workspace ?? '', 'file'), 'utf8')).toBe('kept\n');
});

test('a workspace that is to be kept is moved aside, and destroying twice is no error', async () => {
  const { id } = await create();
  await output(id, 'sh', '-c', 'echo kept > file');
  const { keptWorkspace } = await host.client.sandboxes.destroy({ id, keepWorkspace: true });
  expect(await readFile(join(keptWorkspace ?? '', 'file'), 'utf8')).toBe('kept\n');
  expect(await host.client.sandboxes.destroy({ id })).toEqual({ keptWorkspace: null });
});

test('a main program that ends at once is told as ended, not as running', async () => {
  const { id } = await create({ command: ['sh', '-c', 'exit 7'] });
  const sandbox = await waitFor('the end', async () => {
    const now = await host.client.sandboxes.get({ id });
    return now.state === 'stopped' && now;
  });
  expect(sandbox.exit).toEqual({ code: 7, signal: null });
});

test('a main program that cannot start leaves a sandbox that says why', async () => {
  const sandbox = await create({ command: ['no-such-program'] });
  expect(sandbox).toMatchObject({ state: 'error', error: { code: 'invalid_input' } });
  expect(sandbox.error?.message).toContain('no-such-program');
});

test('an action that makes no sense now is a conflict', async () => {
  const { id } = await create();
  await host.client.sandboxes.stop({ id });
  expect(await failure(host.client.sandboxes.stop({ id }))).toMatchObject({ code: 'conflict' });
  expect(await failure(host.client.consoles.open({ sandboxId: id }))).toMatchObject({ code: 'conflict' });
  expect(await failure(output(id, 'true'))).toMatchObject({ code: 'conflict' });
});

test('a command that floods both streams ends, though its reader is slow', async () => {
  const { id } = await create();
  const script = 'head -c 6000000 /dev/zero & head -c 6000000 /dev/zero >&2; wait';
  const counts = { stdout: 0, stderr: 0 };
  for await (const item of await host.client.executions.run({ sandboxId: id, command: ['sh', '-c', script] })) {
    if (item.type !== 'stdout' && item.type !== 'stderr') continue;
    counts[item.type] += item.data.length;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(counts).toEqual({ stdout: 6_000_000, stderr: 6_000_000 });
});

test('an exec that runs into its time is killed and told as such', async () => {
  const { id } = await create();
  const items = await host.client.executions.run({ sandboxId: id, command: ['sleep', '1000'], timeoutMs: 200 });
  let last: unknown;
  for await (const item of items) last = item;
  expect(last).toMatchObject({ type: 'ended', execution: { state: 'timeout', error: { code: 'timeout' } } });
});

test('a sandbox that is destroyed while a command runs takes its history with it', async () => {
  const { id } = await create();
  const items = await host.client.executions.run({ sandboxId: id, command: ['sleep', '1000'] });
  let last: unknown;
  for await (const item of items) {
    if (item.type === 'started') await host.client.sandboxes.destroy({ id });
    last = item;
  }
  expect(last).toMatchObject({ type: 'ended' });
  expect(await host.client.executions.list({ sandboxId: id })).toEqual([]);
});

describeUnless(await dockerMissing(), "other people's containers", () => {
  test('are not touched without a confirmation, by no call', async () => {
    const docker = async (...args: string[]) => (await execute('docker', args)).stdout.trim();
    const container = await docker('run', '--detach', '--network', 'none', TEST_IMAGE, 'sleep', '1000');
    try {
      const { id } = await waitFor('the container in the list', async () => {
        const list = await host.client.sandboxes.list({});
        const inspected = await Promise.all(
          list
            .filter((one) => one.foreign && one.state === 'running')
            .map(async (one) => ({ one, raw: await host.client.sandboxes.inspect({ id: one.id }) })),
        );
        return inspected.find(({ raw }) => JSON.stringify(raw).includes(container))?.one;
      });
      const { sandboxes, consoles, executions } = host.client;
      for (const call of [
        () => sandboxes.stop({ id }),
        () => sandboxes.pause({ id }),
        () => sandboxes.destroy({ id }),
        () => consoles.open({ sandboxId: id }),
        () => output(id, 'true'),
        () => sandboxes.update({ id, name: 'mine' }),
      ]) {
        expect(await failure(call())).toMatchObject({ code: 'denied' });
      }
      expect(await failure(sandboxes.rebuild({ id }))).toMatchObject({ code: 'unsupported' });
      expect(await docker('inspect', '--format', '{{.State.Running}}', container)).toBe('true');
      const items = await executions.run({ sandboxId: id, command: ['echo', 'inside'], confirmForeign: true });
      let text = '';
      for await (const item of items) if (item.type === 'stdout') text += item.data;
      expect(text).toBe('inside\n');
      await sandboxes.destroy({ id, confirmForeign: true });
      expect(await docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `id=${container}`)).toBe('');
    } finally {
      await docker('rm', '--force', container).catch(() => 'gone already');
    }
  });
});
