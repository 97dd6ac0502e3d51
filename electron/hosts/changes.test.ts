import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { describeNamespace } from '../engines/namespace/test-support.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

await describeNamespace('changes over the contract', () => {
  const { host } = hostForTests();
  let folder: string;
  beforeAll(async () => {
    await ready();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-user-folder-'));
    await writeFile(join(folder, 'file'), 'one\n');
  });
  afterEach(async () => {
    await destroyAll(host.client);
    await rm(folder, { recursive: true, force: true });
  });

  const ready = () =>
    waitFor('the engine to be looked at', async () =>
      (await host.client.engines.list({})).find(({ kind, status }) => kind === 'namespace' && status === 'available'),
    );
  async function create(input: Partial<SandboxSpecInput> = {}): Promise<string> {
    const spec: SandboxSpecInput = {
      engine: 'namespace',
      source: { type: 'directory', path: folder },
      filesystem: { overlay: true },
      command: ['sh', '-c', 'echo two >file; echo new >other; sleep 1000'],
      ...input,
    };
    for await (const item of await host.client.sandboxes.create({ spec })) {
      if (item.type === 'created') return item.sandbox.id;
    }
    throw new Error('the creation ended without a sandbox');
  }
  const list = async (id: string) => (await host.client.changes.list({ id })).changes.map(({ path }) => path);
  const written = (id: string) => waitFor('both files', async () => (await list(id)).length === 2);

  it('are listed, read, applied in part and thrown away, and events tell of it', async () => {
    const { changes, sandboxes, events } = host.client;
    const id = await create();
    await written(id);
    expect(await changes.list({ id })).toEqual({
      changes: [
        { path: 'file', kind: 'modified', type: 'file', size: 4, target: null, changedOutside: false },
        { path: 'other', kind: 'added', type: 'file', size: 4, target: null, changedOutside: false },
      ],
      truncated: false,
    });
    expect(await changes.read({ id, path: 'file' })).toEqual({ before: 'one\n', after: 'two\n', problem: null });
    expect((await failure(changes.apply({ id }))).code).toBe('conflict');
    expect((await failure(changes.discard({ id }))).code).toBe('conflict');
    expect((await failure(changes.read({ id, path: '../file' }))).code).toBe('invalid_input');

    await sandboxes.stop({ id, graceMs: 0 });
    expect(await changes.apply({ id, paths: ['file'] })).toEqual({ applied: 1, failed: 0, failures: [] });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('two\n');
    expect(await list(id)).toEqual(['other']);
    await changes.discard({ id });
    expect(await list(id)).toEqual([]);
    const messages = (await events.list({ sandboxId: id })).map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining([`Applied 1 change to ${folder}`, 'Threw away all changes']));
  });

  it('outlive a host that is killed, a stop and a rebuild, and go with the sandbox', { timeout: 120_000 }, async () => {
    const id = await create();
    await written(id);
    await host.kill();
    await host.start();
    await ready();
    await waitFor('the sandbox', async () => (await host.client.sandboxes.get({ id })).state === 'running');
    expect(await list(id)).toEqual(['file', 'other']);
    await host.client.sandboxes.stop({ id, graceMs: 0 });
    await host.kill();
    await host.start();
    await ready();
    expect(await list(id)).toEqual(['file', 'other']);
    await host.client.sandboxes.rebuild({ id });
    expect(await list(id)).toEqual(['file', 'other']);
    await host.client.sandboxes.destroy({ id });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('one\n');
  });

  it('are not there where a sandbox writes to its workspace itself', async () => {
    const id = await create({ filesystem: {}, command: ['sleep', '1000'] });
    expect(await failure(host.client.changes.list({ id }))).toMatchObject({ code: 'unsupported' });
  });

  it('are refused together with other folders to be written', async () => {
    const spec: SandboxSpecInput = {
      engine: 'namespace',
      source: { type: 'directory', path: folder },
      filesystem: { overlay: true, readWrite: ['/srv'] },
      mounts: [{ hostPath: '/srv', path: '/data', readOnly: false }],
    };
    const { refusals } = await host.client.sandboxes.validate({ spec });
    expect(refusals.map(({ field }) => field)).toEqual(['filesystem.readWrite', 'mounts']);
  });
});
