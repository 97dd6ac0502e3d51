import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PackageChangeItem, PackageListing } from '../../shared/contract/packages.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { processesWith } from '../engines/engine-contract/fixture.ts';
import { serveIndex, writeWheels } from '../engines/local/wheels-for-tests.ts';
import { describeVirtualenv } from '../engines/virtualenv/describe-virtualenv.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll, untilAvailable } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

await describeVirtualenv('packages over the contract', () => {
  let wheels: string;
  const { home, host } = hostForTests();

  beforeAll(async () => {
    wheels = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
    await writeWheels(wheels, [
      { name: 'beta', version: '1.0' },
      { name: 'beta', version: '1.5' },
    ]);
    await untilAvailable(host.client, 'virtualenv');
  });
  afterAll(async () => {
    await destroyAll(host.client);
    await rm(wheels, { recursive: true });
  });

  async function create(
    python: SandboxSpecInput['python'],
    engine: 'virtualenv' | 'process' = 'virtualenv',
    runtime?: string,
  ): Promise<string> {
    const spec = {
      engine,
      source: { type: 'empty' },
      ...(python ? { python } : {}),
      ...(runtime ? { runtime } : {}),
    } as const;
    for await (const item of await host.client.sandboxes.create({ spec })) {
      if (item.type === 'created') return item.sandbox.id;
    }
    throw new Error('the creation ended without a sandbox');
  }

  async function finish(stream: Promise<AsyncIterable<PackageChangeItem>>) {
    const told: string[] = [];
    let listing: PackageListing | undefined;
    for await (const item of await stream) {
      if (item.type === 'done') listing = item.listing;
      else told.push(item.message);
    }
    return { told: told.join('\n'), packages: listing?.packages.map(({ name, version }) => `${name} ${version}`) };
  }

  const pip = (sandboxId: string) => ({ sandboxId, provider: 'pip' }) as const;

  test('packages are installed with progress, upgraded, frozen and removed over the contract', async () => {
    const { packages } = host.client;
    const id = await create({ wheels });
    const empty = { packages: [], requirementsFile: null };
    expect(await packages.list({ sandboxId: id })).toMatchObject([
      { provider: 'pip', problem: null, canRepair: true, ...empty },
      { provider: 'npm', canRepair: false, ...empty },
    ]);
    const installed = await finish(packages.install({ ...pip(id), requirements: ['beta==1.0'] }));
    expect(installed.told).toContain('Successfully installed beta-1.0');
    expect(installed.packages).toEqual(['beta 1.0']);
    expect(await packages.versions({ ...pip(id), name: 'beta' })).toEqual({ versions: ['1.5', '1.0'] });
    expect((await finish(packages.upgrade({ ...pip(id), names: ['beta'] }))).packages).toEqual(['beta 1.5']);
    expect(await packages.freeze(pip(id))).toEqual({ text: 'beta==1.5\n' });
    expect((await finish(packages.uninstall({ ...pip(id), names: ['beta'] }))).packages).toEqual([]);
    const events = (await host.client.events.list({ sandboxId: id })).map(({ message }) => message);
    expect(events).toEqual(expect.arrayContaining(['Installed packages: beta==1.0', 'Removed packages: beta']));
  });

  test('what cannot work on a sandbox is not offered for it', async (ctx) => {
    const engine = (await host.client.engines.list({})).find(({ kind }) => kind === 'virtualenv');
    if (!engine?.runtimes.some(({ name }) => name === 'namespace')) {
      if (process.env.TERRARIUM_REQUIRE_ENGINES === 'all') throw new Error('bubblewrap makes no sandboxes here');
      ctx.skip('bubblewrap makes no sandboxes here; run: npm run provision');
    }
    const id = await create({ wheels }, 'virtualenv', 'namespace');
    const listings = await host.client.packages.list({ sandboxId: id });
    expect(listings.map(({ provider }) => provider)).toEqual(['pip']);
  });

  test('a package that is not there is named in the error', async () => {
    const id = await create({ wheels });
    const error = await failure(finish(host.client.packages.install({ ...pip(id), requirements: ['delta'] })));
    expect(error).toMatchObject({ code: 'not_found', details: { package: 'delta' } });
  });

  test('what pip would take for an option, or npm for a name, is refused', async () => {
    const id = await create({ wheels });
    for (const requirement of ['--index-url=http://x', '@scope/name', 'a; rm -rf /', 'file:///etc']) {
      const error = await failure(finish(host.client.packages.install({ ...pip(id), requirements: [requirement] })));
      expect(error.code).toBe('invalid_input');
    }
  });

  test('an install that nobody waits for any more is ended', async () => {
    await using index = await serveIndex([{ name: 'beta', version: '1.0' }], { stall: true });
    const id = await create({ indexUrl: index.url });
    const controller = new AbortController();
    const stream = await host.client.packages.install(
      { ...pip(id), requirements: ['beta'] },
      { signal: controller.signal },
    );
    const reading = finish(Promise.resolve(stream)).catch((error: unknown) => error);
    await waitFor('the download', async () => index.asked.some((path) => path.startsWith('/files/')));
    controller.abort();
    await reading;
    await waitFor('pip to be gone', async () => (await processesWith(index.url)).length === 0);
  });

  test('a broken virtualenv is told when it is started, and repaired', async () => {
    const id = await create({ wheels, packages: ['beta'] });
    await host.client.sandboxes.stop({ id });
    await rm(join(home.path, 'sandboxes', id, 'venv', 'pyvenv.cfg'));
    expect(await failure(host.client.sandboxes.start({ id }))).toMatchObject({ code: 'conflict' });
    expect(await host.client.sandboxes.get({ id })).toMatchObject({ state: 'error' });
    expect((await finish(host.client.packages.repair(pip(id)))).packages).toEqual(['beta 1.5']);
    expect(await host.client.sandboxes.start({ id })).toMatchObject({ state: 'running', error: null });
  });

  test('an engine without packages has none', async () => {
    const id = await create(undefined, 'process');
    const listings = await host.client.packages.list({ sandboxId: id });
    expect(listings.some(({ provider }) => provider === 'pip')).toBe(false);
    expect(await failure(host.client.packages.freeze(pip(id)))).toMatchObject({ code: 'unsupported' });
  });
});
