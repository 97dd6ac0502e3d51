import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourcedSpec } from '../../../../shared/model/configured-spec.ts';
import type { PackageStore } from '../../engine.ts';
import { run } from '../../engine-contract/fixture.ts';
import { serveIndex, type Wheel, wheelBytes, wheelName, writeWheels, zipBytes } from '../../local/wheels-for-tests.ts';
import { withEngine } from '../test-support.ts';

const quiet = { signal: new AbortController().signal, progress: () => undefined };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('packages of Python in WebAssembly', { timeout: 60_000 }, () => {
  const fixture = withEngine({ engine: 'wasm', runtime: 'python', source: { type: 'empty' } });
  const store = (): PackageStore => {
    const [found] = fixture().engine.packages ?? [];
    if (!found) throw new Error('there are no packages');
    return found;
  };
  const install = (ref: string, ...requirements: string[]) =>
    store().install(ref, { requirements, fromFile: false }, quiet);
  const installed = async (ref: string) =>
    (await store().list(ref)).packages.map(({ name, version }) => `${name} ${version}`);
  const python = async (ref: string, script: string) => {
    const { stdout, stderr } = await run(fixture().engine, ref, ['python', '-c', script]);
    return stdout.toString() + stderr.toString().split('\n').slice(-2).join('');
  };

  async function withWheels(wheels: readonly Wheel[], spec: Partial<SourcedSpec> = {}) {
    const object = await fixture().running(spec);
    const workspace = object.workspace ?? '';
    await mkdir(join(workspace, 'wheels'));
    await writeWheels(join(workspace, 'wheels'), wheels);
    return { ref: object.ref, workspace, wheels: join(workspace, 'wheels') };
  }

  it('come from wheels in the workspace with all that they need, and are imported, upgraded and removed', async () => {
    const { ref } = await withWheels([
      {
        name: 'alpha',
        version: '1.0',
        requires: ['beta>=1.0,<2', 'never; sys_platform == "win32"', 'extra-one; extra == "more"'],
      },
      { name: 'beta', version: '1.0' },
      { name: 'beta', version: '1.5' },
      { name: 'beta', version: '1.6rc1' },
      { name: 'beta', version: '2.0' },
      { name: 'extra_one', version: '3.0' },
    ]);
    await install(ref, 'alpha');
    expect(await installed(ref)).toEqual(['alpha 1.0', 'beta 1.5']);
    expect(await python(ref, 'import alpha, beta; print(alpha.version, beta.version)')).toBe('1.0 1.5\n');
    expect(await store().versions(ref, 'Beta', quiet.signal)).toEqual(['2.0', '1.6rc1', '1.5', '1.0']);
    expect(await store().freeze(ref)).toBe('alpha==1.0\nbeta==1.5\n');
    await install(ref, 'beta==1.0');
    expect(await installed(ref)).toContain('beta 1.0');
    await store().upgrade(ref, ['beta'], quiet);
    expect(await python(ref, 'import beta; print(beta.version)')).toBe('2.0\n');
    await install(ref, 'alpha[more]');
    expect(await installed(ref)).toContain('extra_one 3.0');
    await store().uninstall(ref, ['alpha', 'beta', 'extra-one'], quiet);
    expect(await installed(ref)).toEqual([]);
    expect(await python(ref, 'import alpha')).toContain('ModuleNotFoundError');
    await expect(store().uninstall(ref, ['alpha'], quiet)).rejects.toMatchObject({
      code: 'not_found',
      details: { package: 'alpha' },
    });
  });

  it('leave nothing behind but what others have in the same folder', async () => {
    const { ref, workspace, wheels } = await withWheels([{ name: 'alpha', version: '1.0' }]);
    const shared = zipBytes(
      new Map([
        ['alpha/plugin.py', 'here = True\n'],
        ['plugin-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n'],
        ['plugin-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
        ['plugin-1.0.data/scripts/plugin', '#!python\n'],
        ['plugin-1.0.data/purelib/plugin.py', 'moved = True\n'],
      ]),
    );
    await writeFile(join(wheels, 'plugin-1.0-py3-none-any.whl'), shared);
    await install(ref, 'alpha', 'plugin');
    expect(await python(ref, 'import alpha.plugin, plugin; print(plugin.moved)')).toBe('True\n');
    await store().uninstall(ref, ['alpha'], quiet);
    expect(
      (await readdir(join(workspace, '.site-packages'), { recursive: true }))
        .filter((name) => name.endsWith('.py'))
        .toSorted(),
    ).toEqual(['alpha/plugin.py', 'plugin.py']);
    await store().uninstall(ref, ['plugin'], quiet);
    expect(await readdir(join(workspace, '.site-packages'))).toEqual(
      expect.not.arrayContaining(['alpha', 'plugin.py']),
    );
  });

  it.each([
    { file: 'native-1.0-cp314-cp314-manylinux_2_28_x86_64.whl', why: 'compiled parts' },
    { file: 'native-1.0-cp314-cp314-pyodide_2026_0_wasm32.whl', why: 'compiled parts' },
    { file: 'native-1.0-py2-none-any.whl', why: 'another Python' },
  ])('are refused by name where they do not run here: $file', async ({ file, why }) => {
    const { ref, wheels, workspace } = await withWheels([]);
    await writeFile(join(wheels, file), wheelBytes({ name: 'native', version: '1.0' }));
    await expect(install(ref, 'native')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(`${file} is not installed: it`),
    });
    await expect(install(ref, 'native')).rejects.toMatchObject({ message: expect.stringContaining(why) });
    expect(await readdir(workspace)).toEqual(['wheels']);
  });

  const metadata = ['evil-1.0.dist-info/METADATA', 'Name: evil\nVersion: 1.0\n'] as const;
  const wheelFile = ['evil-1.0.dist-info/WHEEL', 'Root-Is-Purelib: true\n'] as const;
  const usual = [metadata, wheelFile];
  it.each([
    { what: 'a name that leads up', bytes: () => zipBytes(new Map([...usual, ['../../escaped.py', '']])) },
    { what: 'an absolute name', bytes: () => zipBytes(new Map([...usual, ['/tmp/terrarium-escaped.py', '']])) },
    { what: 'a name with a backslash', bytes: () => zipBytes(new Map([...usual, ['..\\escaped.py', '']])) },
    {
      what: 'a name that leads up in its data',
      bytes: () => zipBytes(new Map([...usual, ['evil-1.0.data/purelib/../../../escaped.py', '']])),
    },
    {
      what: 'two files at one place',
      bytes: () => zipBytes(new Map([...usual, ['one.py', ''], ['evil-1.0.data/purelib/one.py', '']])),
    },
    {
      what: 'a file and a folder at one place',
      bytes: () => zipBytes(new Map([...usual, ['one', ''], ['one/two.py', '']])),
    },
    {
      what: 'the record of another',
      bytes: () => zipBytes(new Map([...usual, ['evil-1.0.data/purelib/good-1.0.dist-info/RECORD', '']])),
    },
    { what: 'a link', bytes: () => zipBytes(new Map([...usual, ['link', '/etc/passwd']]), { mode: 0o120777 }) },
    {
      what: 'more than it says',
      bytes: () => zipBytes(new Map([...usual, ['bomb.py', 'x'.repeat(5000)]]), { claim: 10 }),
    },
    { what: 'more than may be', bytes: () => zipBytes(new Map([...usual, ['huge.py', 'x']]), { claim: 0xfffffff0 }) },
    { what: 'another package', bytes: () => wheelBytes({ name: 'other', version: '1.0' }) },
    { what: 'no zip', bytes: () => Buffer.from('not a zip at all') },
    { what: 'nothing', bytes: () => Buffer.alloc(0) },
    { what: 'half of itself', bytes: () => wheelBytes({ name: 'evil', version: '1.0' }).subarray(0, 200) },
  ])('are refused where the wheel is $what, and nothing is written', async ({ bytes }) => {
    const { ref, wheels, workspace } = await withWheels([{ name: 'good', version: '1.0' }]);
    await writeFile(join(wheels, 'evil-1.0-py3-none-any.whl'), bytes());
    await expect(install(ref, 'good', 'evil')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('evil-1.0-py3-none-any.whl is not installed'),
    });
    expect(await installed(ref)).toEqual([]);
    const left = await readdir(workspace, { recursive: true });
    expect(left.filter((name) => /escaped|incoming/.test(name))).toEqual([]);
  });

  it('are not written through links, nor removed by what a RECORD says of other files', async () => {
    const { ref, workspace } = await withWheels([{ name: 'alpha', version: '1.0' }]);
    const outside = await mkdtemp(join(folder, 'outside-'));
    await writeFile(join(outside, 'kept'), '');
    await symlink(outside, join(workspace, '.site-packages'));
    await expect(install(ref, 'alpha')).rejects.toMatchObject({ code: 'conflict' });
    await rm(join(workspace, '.site-packages'));
    await mkdir(join(workspace, '.site-packages'));
    await symlink(outside, join(workspace, '.site-packages', 'alpha'));
    await expect(install(ref, 'alpha')).rejects.toMatchObject({ code: 'conflict' });
    await rm(join(workspace, '.site-packages', 'alpha'));
    await install(ref, 'alpha');
    await writeFile(join(workspace, 'mine'), '');
    const record = join(workspace, '.site-packages', 'alpha-1.0.dist-info', 'RECORD');
    await writeFile(record, `../mine,,\n${join(outside, 'kept')},,\n${await readFile(record, 'utf8')}`);
    await store().uninstall(ref, ['alpha'], quiet);
    expect([await readdir(outside), (await readdir(workspace)).includes('mine')]).toEqual([['kept'], true]);
  });

  it('come from an index that the spec names, asked by this machine, and from nowhere else', async () => {
    await using index = await serveIndex([
      { name: 'alpha', version: '1.0', requires: ['beta'] },
      { name: 'beta', version: '1.0' },
      { name: 'beta', version: '1.1' },
    ]);
    const { ref } = await fixture().running({ python: { indexUrl: index.url, packages: ['alpha'] } });
    expect(await installed(ref)).toEqual(['alpha 1.0', 'beta 1.1']);
    expect(await store().versions(ref, 'beta', quiet.signal)).toEqual(['1.1', '1.0']);
    expect(index.asked).toContain('/simple/alpha/');
    await expect(install(ref, 'gamma')).rejects.toMatchObject({ code: 'not_found', details: { package: 'gamma' } });
    const { ref: alone } = await fixture().running();
    const before = index.asked.length;
    await expect(install(alone, 'alpha')).rejects.toMatchObject({ code: 'not_found' });
    expect(index.asked.length).toBe(before);
  });

  it('do not wait for an index that stalls once nobody wants them any more', async () => {
    await using index = await serveIndex([{ name: 'alpha', version: '1.0' }], { stall: true });
    const { ref } = await fixture().running({ python: { indexUrl: index.url } });
    const stop = new AbortController();
    const reason = new Error('enough');
    const progress = () => stop.abort(reason);
    const install = store().install(
      ref,
      { requirements: ['alpha'], fromFile: false },
      { signal: stop.signal, progress },
    );
    await expect(install).rejects.toThrow();
    expect(await installed(ref)).toEqual([]);
  });

  it('say when an index does not answer, and leave no sandbox whose packages could not be had', async () => {
    const { engine, create, ours } = fixture();
    const python = { indexUrl: 'http://127.0.0.1:9/simple/', packages: ['alpha'] };
    await expect(create({ python })).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(await ours()).toEqual([]);
    expect(await engine.list()).toEqual([]);
  });

  it.each(['not JSON', '[]', '{"files": 1}'])('say when an index answers nonsense: %s', async (nonsense) => {
    const { running } = fixture();
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/vnd.pypi.simple.v1+json');
      response.end(nonsense);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { ref } = await running({ python: { indexUrl: `http://127.0.0.1:${port}/simple/`, packages: [] } });
      await expect(install(ref, 'alpha')).rejects.toMatchObject({ code: 'engine_unavailable' });
    } finally {
      server.close();
    }
  });

  it('that want different versions of a third are told apart', async () => {
    const { ref } = await withWheels([
      { name: 'alpha', version: '1.0', requires: ['beta<2'] },
      { name: 'gamma', version: '1.0', requires: ['beta>=2'] },
      { name: 'beta', version: '1.0' },
      { name: 'beta', version: '2.0' },
    ]);
    await expect(install(ref, 'alpha', 'gamma')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('gamma 1.0 asked for beta>=2'),
    });
    expect(await installed(ref)).toEqual([]);
  });

  it('can be what the requirements file of the workspace names', async () => {
    const { ref, workspace } = await withWheels([{ name: 'alpha', version: '1.0' }]);
    await writeFile(join(workspace, 'requirements.txt'), '# what is needed\nalpha >= 1.0  # this\n\n');
    expect((await store().list(ref)).requirementsFile).toBe('requirements.txt');
    await store().install(ref, { requirements: [], fromFile: true }, quiet);
    expect(await installed(ref)).toEqual(['alpha 1.0']);
    await writeFile(join(workspace, 'requirements.txt'), '--index-url http://example.org\nalpha\n');
    await expect(store().install(ref, { requirements: [], fromFile: true }, quiet)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('come from a folder that the spec names, and only from there', async () => {
    await writeWheels(folder, [{ name: 'delta', version: '1.0' }]);
    const { ref } = await withWheels([{ name: 'alpha', version: '1.0' }], { python: { wheels: folder } });
    await install(ref, 'delta');
    await expect(install(ref, 'alpha')).rejects.toMatchObject({ code: 'not_found' });
    expect(wheelName({ name: 'delta', version: '1.0' })).toBe('delta-1.0-py3-none-any.whl');
  });

  it.each([{ interpreter: 'python3.11' }, { systemSitePackages: true }, { pip: true }])(
    'are not those of a virtualenv: %o is refused',
    async (python) => {
      await expect(fixture().create({ python })).rejects.toMatchObject({
        code: 'unsupported',
        details: { field: `python.${Object.keys(python)[0]}` },
      });
    },
  );

  it('are no business of the other runtimes', async () => {
    const { ref } = await fixture().running({ runtime: 'quickjs' });
    expect(await store().serves?.(ref)).toBe(false);
  });
});
