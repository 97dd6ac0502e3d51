import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { describeUnless } from '../engines/engine-contract/describe-unless.ts';
import { describeNamespace } from '../engines/namespace/test-support.ts';
import { describeVirtualenv } from '../engines/virtualenv/describe-virtualenv.ts';
import type { Client } from './client/connection.ts';
import {
  dockerMissing,
  dockerTruth,
  type EngineTruth,
  namespaceTruth,
  processTruth,
  virtualenvTruth,
} from './testing/engine-truth.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { waitFor } from './testing/wait-for.ts';

const { home, host } = hostForTests();

// Each test leaves a host that was just started, and nothing else: the next one goes on with it.
afterEach(async () => {
  await destroyAll(host.client);
  expect(await readdir(join(home.path, 'sandboxes'))).toEqual([]);
});

async function destroyAll(client: Client): Promise<void> {
  for (const { id, foreign } of await client.sandboxes.list({})) if (!foreign) await client.sandboxes.destroy({ id });
}

async function create(client: Client, truth: EngineTruth): Promise<Sandbox> {
  await waitFor(truth.engine, async () =>
    (await client.engines.list({})).some((report) => report.kind === truth.engine && report.status === 'available'),
  );
  for await (const item of await client.sandboxes.create({ spec: { engine: truth.engine, source: truth.source } })) {
    if (item.type === 'created') return item.sandbox;
  }
  throw new Error('the creation ended without a sandbox');
}

const TRANSIENT = ['creating', 'stopping', 'destroying'];

/** Kills the host as a power cut would, starts it again and waits until it has looked at its engines. */
async function crash(truth: EngineTruth): Promise<readonly Sandbox[]> {
  await host.kill();
  await host.start();
  return waitFor('a list without anything half done', async () => {
    const reports = await host.client.engines.list({});
    const ready = reports.some((report) => report.kind === truth.engine && report.status === 'available');
    const ours = (await host.client.sandboxes.list({})).filter((sandbox) => !sandbox.foreign);
    return ready && ours.every((sandbox) => !TRANSIENT.includes(sandbox.state)) && ours;
  });
}

/** Nothing of ours exists that is not in the list, and what the list calls alive exists. */
async function expectTrue(truth: EngineTruth, list: readonly Sandbox[]): Promise<void> {
  const real = await truth.ids(home.path);
  const listed = list.map((sandbox) => sandbox.id);
  expect(listed).toEqual(expect.arrayContaining([...real]));
  const alive = list.filter((sandbox) => sandbox.state !== 'error' && sandbox.state !== 'lost');
  expect(real).toEqual(expect.arrayContaining(alive.map((sandbox) => sandbox.id)));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function suite(truth: EngineTruth): void {
  // Moments spread over what creating takes, from before the first write to after the start.
  test.each([0, 3, 10, 30, 100, 250])(
    'killed %i ms into a creation: the list is true, and the sandbox is not lost',
    async (delay) => {
      await waitFor(truth.engine, async () =>
        (await host.client.engines.list({})).some(
          (report) => report.kind === truth.engine && report.status === 'available',
        ),
      );
      const stream = await host.client.sandboxes.create({
        spec: { engine: truth.engine, source: truth.source, name: 'cut' },
      });
      await stream.next(); // the host has written down what it is about to make
      await pause(delay);
      const list = await crash(truth);
      await expectTrue(truth, list);
      expect(list.map((sandbox) => sandbox.name)).toEqual(['cut']);
    },
  );

  test('killed during an exec: the sandbox runs, the execution is told as failed, a new one works', async () => {
    const { id } = await create(host.client, truth);
    const stream = await host.client.executions.run({
      sandboxId: id,
      command: ['sh', '-c', 'echo started; sleep 1000'],
    });
    // Not for await with a break: that would cancel the command.
    let item = await stream.next();
    while (!item.done && item.value.type !== 'stdout') item = await stream.next();
    expect(item).toMatchObject({ value: { type: 'stdout' } });
    const list = await crash(truth);
    await expectTrue(truth, list);
    expect(list).toMatchObject([{ id, state: 'running' }]);
    expect(await host.client.executions.list({ sandboxId: id })).toMatchObject([{ error: { code: 'internal' } }]);
    const items = await host.client.executions.run({ sandboxId: id, command: ['echo', '42'] });
    const outputs: string[] = [];
    for await (const item of items) if (item.type === 'stdout') outputs.push(item.data);
    expect(outputs.join('')).toBe('42\n');
  });

  test('killed with a console open: the sandbox runs, an event tells of the console’s end, and a new one opens', async () => {
    const { id } = await create(host.client, truth);
    await host.client.consoles.open({ sandboxId: id });
    const list = await crash(truth);
    // Its program died with the host, and somebody is told.
    expect(await host.client.events.list({ sandboxId: id })).toContainEqual(
      expect.objectContaining({ type: 'consoles_ended', message: expect.stringContaining('A console ended') }),
    );
    await expectTrue(truth, list);
    expect(list).toMatchObject([{ id, state: 'running' }]);
    expect(await host.client.consoles.list({})).toEqual([]);
    expect(await host.client.consoles.open({ sandboxId: id })).toMatchObject({ exit: null });
  });

  test.each([0, 3, 10, 50])('killed %i ms into a destroy: it is gone, or it is in the list', async (delay) => {
    const { id } = await create(host.client, truth);
    const destroyed = host.client.sandboxes.destroy({ id }).catch(() => 'the connection broke');
    await pause(delay);
    const list = await crash(truth);
    await destroyed;
    await expectTrue(truth, list);
  });

  test('a damaged database: what the engine has is back in the list, and the user is told', async () => {
    const { id, name } = await create(host.client, truth);
    await host.kill();
    // The write-ahead log alone could repair the file.
    await rm(join(home.path, 'terrarium.db-wal'), { force: true });
    await writeFile(join(home.path, 'terrarium.db'), 'no database any more'.repeat(1000));
    await host.start();
    const sandbox = await waitFor('the sandbox', async () =>
      (await host.client.sandboxes.list({})).find((one) => one.id === id),
    );
    expect(sandbox).toMatchObject({ name, state: 'running', foreign: false, spec: { engine: truth.engine } });
    expect((await host.client.system.info({})).notices[0]).toContain('damaged');
  });
}

describe('process', () => {
  suite(processTruth);
});

await describeVirtualenv('virtualenv', () => {
  suite(virtualenvTruth);
});

await describeNamespace('namespace', () => {
  suite(namespaceTruth);
});

describeUnless(await dockerMissing(), 'docker', () => {
  suite(dockerTruth);
});
