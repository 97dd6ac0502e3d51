import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesWith, uniqueSleep } from '../engines/engine-contract/fixture.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { untilAvailable } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const { home, host } = hostForTests();

async function running(marker: string): Promise<string> {
  await untilAvailable(host.client, 'process');
  const spec = { engine: 'process', source: { type: 'empty' }, command: ['sleep', marker] } as const;
  for await (const item of await host.client.sandboxes.create({ spec: { ...spec, command: ['sleep', marker] } })) {
    if (item.type !== 'created') continue;
    // It and its wrapper.
    await waitFor('the program', async () => (await processesWith(marker)).length === 2);
    return item.sandbox.id;
  }
  throw new Error('the creation ended without a sandbox');
}

/** Both records of the engine, so that it does not list the sandbox any more. */
async function damageRecords(id: string): Promise<void> {
  for (const name of ['process.json', 'process.copy.json']) {
    const path = join(home.path, 'sandboxes', id, name);
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 20));
  }
  await waitFor('it to be lost', async () => (await host.client.sandboxes.get({ id })).state === 'lost');
}

test('destroying a lost sandbox ends what still runs in it', async () => {
  const marker = uniqueSleep();
  const id = await running(marker);
  await damageRecords(id);
  await host.client.sandboxes.destroy({ id });
  expect(await processesWith(marker)).toEqual([]);
  const left = await host.client.sandboxes.list({});
  expect(left.filter((sandbox) => !sandbox.foreign)).toEqual([]);
});

test('rebuilding a lost sandbox ends what still runs in it first', async () => {
  const marker = uniqueSleep();
  const id = await running(marker);
  const before = await processesWith(marker);
  await damageRecords(id);
  await host.client.sandboxes.rebuild({ id });
  const after = await processesWith(marker);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  await host.client.sandboxes.destroy({ id });
});
