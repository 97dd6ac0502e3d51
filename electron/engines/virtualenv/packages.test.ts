import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesWith, run, until } from '../engine-contract/fixture.ts';
import { serveIndex, type Wheel, writeWheels } from '../local/wheels-for-tests.ts';
import { describeVirtualenv } from './describe-virtualenv.ts';
import { createTestEngine, quietTask, type TestEngine } from './test-support.ts';

await describeVirtualenv('virtualenv: packages', () => {
  const wheels: readonly Wheel[] = [
    { name: 'alpha', version: '1.0', requires: ['beta>=1'] },
    { name: 'alpha', version: '2.0', requires: ['beta>=1'] },
    { name: 'beta', version: '1.5' },
    { name: 'gamma', version: '1.0', requires: ['beta>=2'] },
  ];

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
    await writeWheels(folder, wheels);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const installed = async ({ packages }: TestEngine, ref: string) =>
    (await packages.list(ref)).packages.map(({ name, version }) => `${name} ${version}`);
  const install = (test: TestEngine, ref: string, ...requirements: string[]) =>
    test.packages.install(ref, { requirements, fromFile: false }, quietTask());

  it('installs base packages at creation from a folder with wheels, offline, and tells of it', async () => {
    await using test = await createTestEngine();
    const told: string[] = [];
    const task = { ...quietTask(), progress: (message: string) => void told.push(message) };
    const object = await test.create({ python: { wheels: folder, packages: ['alpha<2'] } }, task);
    expect(told.join('\n')).toMatch(
      /Making a virtualenv with Python 3\.\d+\.\d+[\s\S]*Installing alpha<2[\s\S]*Successfully installed/,
    );
    expect((await test.packages.list(object.ref)).packages).toEqual([
      { name: 'alpha', version: '1.0', summary: 'The package alpha of a test', location: 'sandbox' },
      { name: 'beta', version: '1.5', summary: 'The package beta of a test', location: 'sandbox' },
    ]);
    await test.engine.start(object.ref);
    const { stdout } = await run(test.engine, object.ref, ['python', '-c', 'import alpha; print(alpha.version)']);
    expect(stdout.toString()).toBe('1.0\n');
  });

  it('installs, lists versions, upgrades, freezes and uninstalls', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.create({ python: { wheels: folder } });
    await install(test, ref, 'alpha==1.0');
    expect(await test.packages.versions(ref, 'alpha', quietTask().signal)).toEqual(['2.0', '1.0']);
    await test.packages.upgrade(ref, ['alpha'], quietTask());
    expect(await test.packages.freeze(ref)).toBe('alpha==2.0\nbeta==1.5\n');
    await test.packages.uninstall(ref, ['alpha'], quietTask());
    expect(await installed(test, ref)).toEqual(['beta 1.5']);
  });

  it('installs from an index that is named, and asks no other', async () => {
    await using index = await serveIndex(wheels);
    await using test = await createTestEngine();
    process.env.PIP_EXTRA_INDEX_URL = 'http://127.0.0.1:1/simple/';
    try {
      const { ref } = await test.create({ python: { indexUrl: index.url, packages: ['alpha'] } });
      expect(await installed(test, ref)).toEqual(['alpha 2.0', 'beta 1.5']);
      expect(await test.packages.versions(ref, 'alpha', quietTask().signal)).toEqual(['2.0', '1.0']);
      expect(index.asked).toContain('/simple/alpha/');
    } finally {
      Reflect.deleteProperty(process.env, 'PIP_EXTRA_INDEX_URL');
    }
  });

  it("offers the workspace's requirements.txt, and installs it when asked to only", async () => {
    await using test = await createTestEngine();
    const workspace = await mkdtemp(join(folder, 'project-'));
    await writeFile(join(workspace, 'requirements.txt'), 'beta\n');
    const { ref } = await test.create({ source: { type: 'directory', path: workspace }, python: { wheels: folder } });
    expect(await test.packages.list(ref)).toMatchObject({ packages: [], requirementsFile: 'requirements.txt' });
    await test.packages.install(ref, { requirements: [], fromFile: true }, quietTask());
    expect(await installed(test, ref)).toEqual(['beta 1.5']);
    expect(await readdir(workspace)).toEqual(['requirements.txt']);
  });

  it.each([
    ['one that does not exist', 'delta', { code: 'not_found', details: { package: 'delta' } }, /delta was not found/],
    [
      'a version that does not exist',
      'alpha>=9',
      { code: 'not_found', details: { package: 'alpha' } },
      /no version that fits >=9/,
    ],
    [
      'what does not go together',
      'gamma',
      { code: 'not_found', details: { package: 'beta' } },
      /beta has no version that fits >=2/,
    ],
  ])('names the package that is to blame: %s', async (_what, requirement, shape, message) => {
    await using test = await createTestEngine();
    const { ref } = await test.create({ python: { wheels: folder } });
    const attempt = install(test, ref, requirement);
    await expect(attempt).rejects.toMatchObject(shape);
    await expect(attempt).rejects.toThrow(message);
  });

  it('names packages whose requirements exclude each other', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.create({ python: { wheels: folder } });
    const attempt = install(test, ref, 'alpha==1.0', 'beta<1');
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', details: { package: expect.any(String) } });
  });

  it('says that an index cannot be reached, and makes nothing', async () => {
    await using test = await createTestEngine();
    const attempt = test.create({ python: { indexUrl: 'http://127.0.0.1:1/simple/', packages: ['alpha'] } });
    await expect(attempt).rejects.toMatchObject({ code: 'disconnected', details: { package: 'alpha' } });
    await expect(attempt).rejects.toThrow('127.0.0.1:1 cannot be reached, where alpha was looked for.');
    expect(await test.engine.list()).toEqual([]);
  });

  it('refuses a folder with wheels that is not there', async () => {
    await using test = await createTestEngine();
    const attempt = test.create({ python: { wheels: join(folder, 'nowhere'), packages: ['alpha'] } });
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_input', details: { field: 'python.wheels' } });
  });

  it('ends pip when the creation is cancelled, and leaves nothing', async () => {
    await using index = await serveIndex(wheels, { stall: true });
    await using test = await createTestEngine();
    const controller = new AbortController();
    const creating = test.create(
      { python: { indexUrl: index.url, packages: ['alpha'] } },
      { signal: controller.signal, progress: () => undefined },
    );
    const outcome = creating.catch((error: unknown) => error);
    await until('the download', () => index.asked.some((path) => path.startsWith('/files/')));
    expect(await processesWith(index.url)).not.toEqual([]);
    controller.abort(new Error('changed my mind'));
    expect(await outcome).toBe(controller.signal.reason);
    expect(await processesWith(index.url)).toEqual([]);
    const [left = ''] = await readdir(join(test.home, 'sandboxes'));
    expect((await readdir(join(test.home, 'sandboxes', left))).toSorted()).toEqual(['programs', 'workspace']);
  });

  it('changes packages one thing at a time, and a start does not end that', async () => {
    await using index = await serveIndex(wheels, { stall: true });
    await using test = await createTestEngine();
    const { ref } = await test.create({ python: { indexUrl: index.url } });
    const controller = new AbortController();
    const installing = test.packages
      .install(
        ref,
        { requirements: ['beta'], fromFile: false },
        { signal: controller.signal, progress: () => undefined },
      )
      .catch((error: unknown) => error);
    await until('the download', () => index.asked.some((path) => path.startsWith('/files/')));
    await expect(install(test, ref, 'alpha')).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.engine.start(ref)).rejects.toMatchObject({ code: 'conflict' });
    await test.engine.destroy(ref);
    expect(await installing).toMatchObject({ name: 'AppError', code: 'cancelled' });
    expect(await processesWith(index.url)).toEqual([]);
  });

  it('takes pip from inside when that was asked for', async () => {
    await using test = await createTestEngine();
    const object = await test.running({ python: { wheels: folder, pip: true } });
    const { stdout } = await run(test.engine, object.ref, ['pip', '--version']);
    expect(stdout.toString()).toContain(test.venvOf(object));
    await install(test, object.ref, 'beta');
    expect(await installed(test, object.ref)).toContain('beta 1.5');
    expect(await test.packages.freeze(object.ref)).toBe('beta==1.5\n');
  });

  it('refuses to remove what is not there, and to install nothing', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.create({ python: { wheels: folder } });
    const removing = test.packages.uninstall(ref, ['alpha'], quietTask());
    await expect(removing).rejects.toMatchObject({ code: 'not_found', details: { package: 'alpha' } });
    await expect(install(test, ref)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(test.packages.install(ref, { requirements: [], fromFile: true }, quietTask())).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('sees the packages of the system when asked to, and cannot remove them', async () => {
    await using test = await createTestEngine();
    const plain = await test.create({ python: { interpreter: '/usr/bin/python3' } });
    expect((await test.packages.list(plain.ref)).packages).toEqual([]);
    const { ref } = await test.create({ python: { interpreter: '/usr/bin/python3', systemSitePackages: true } });
    const { packages } = await test.packages.list(ref);
    expect(packages.length).toBeGreaterThan(0);
    expect(new Set(packages.map(({ name }) => name.toLowerCase())).size).toBe(packages.length);
    expect(new Set(packages.map(({ location }) => location))).toEqual(new Set(['system']));
  });
});
