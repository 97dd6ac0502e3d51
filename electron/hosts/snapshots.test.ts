import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { TEST_IMAGE } from './testing/engine-truth.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const RUNTIME = 'runsc';
const spec: SandboxSpecInput = {
  engine: 'docker',
  source: { type: 'image', reference: TEST_IMAGE },
  runtime: RUNTIME,
  // The count is in the shell's memory only.
  command: ['sh', '-c', 'i=0; while :; do i=$((i + 1)); echo $i; sleep 1; done'],
};

describe('snapshots over the contract', () => {
  const { host } = hostForTests();
  let missing: string | null = null;

  beforeAll(async () => {
    const docker = await waitFor('docker to be looked at', async () => {
      const report = (await host.client.engines.list({})).find(({ kind }) => kind === 'docker');
      return report && report.status !== 'unknown' ? report : undefined;
    });
    const runtime = docker.runtimes.find(({ name }) => name === RUNTIME);
    if (runtime?.capabilities.features.snapshots.support !== 'enforced') {
      missing = `Docker cannot save sandboxes in gVisor here (${docker.reason ?? docker.facts[`runtime ${RUNTIME}`] ?? 'no runtime runsc, or not experimental'})`;
    }
  });
  afterAll(async () => {
    await destroyAll(host.client);
  });

  async function create(input: SandboxSpecInput): Promise<string> {
    for await (const item of await host.client.sandboxes.create({ spec: input })) {
      if (item.type === 'created') return item.sandbox.id;
    }
    throw new Error('the creation ended without a sandbox');
  }

  it('a sandbox is saved, gone back to and cloned', { timeout: 90_000 }, async (context) => {
    if (missing !== null) context.skip(missing);
    const { snapshots, sandboxes } = host.client;
    const id = await create(spec);
    expect(await snapshots.list({ id })).toEqual([]);
    expect(await snapshots.create({ id, name: 'first' })).toMatchObject({ id, state: 'running', error: null });
    expect(await snapshots.list({ id })).toMatchObject([{ name: 'first' }]);

    const again = await failure(snapshots.create({ id, name: 'first' }));
    expect(again.code).toBe('conflict');
    expect((await failure(snapshots.restore({ id, name: 'other' }))).code).toBe('not_found');
    // What was refused is no error of the sandbox.
    expect(await sandboxes.get({ id })).toMatchObject({ state: 'running', error: null });

    await sandboxes.stop({ id, graceMs: 0 });
    expect((await failure(snapshots.create({ id, name: 'late' }))).code).toBe('conflict');
    expect(await snapshots.restore({ id, name: 'first' })).toMatchObject({ id, state: 'running', exit: null });

    const clone = await snapshots.clone({ id, name: 'first', newName: 'twin' });
    expect(clone).toMatchObject({ name: 'twin', state: 'running', spec: { runtime: RUNTIME } });
    expect(clone.id).not.toBe(id);
    expect(clone.workspace).not.toBe((await sandboxes.get({ id })).workspace);
    expect((await failure(snapshots.clone({ id, name: 'first', newName: 'twin' }))).code).toBe('conflict');

    await snapshots.remove({ id, name: 'first' });
    expect(await snapshots.list({ id })).toEqual([]);
    const messages = (await host.client.events.list({ sandboxId: id })).map(({ message }) => message);
    expect(messages).toEqual(
      expect.arrayContaining([
        'Saved as the snapshot first',
        'Went back to the snapshot first',
        'Removed the snapshot first',
      ]),
    );
  });

  it('are refused with the reason where an engine cannot save', async () => {
    const id = await create({ engine: 'process', source: { type: 'empty' } });
    const error = await failure(host.client.snapshots.create({ id, name: 'first' }));
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('cannot save') });
    expect(await host.client.sandboxes.get({ id })).toMatchObject({ state: 'running', error: null });
  });
});
