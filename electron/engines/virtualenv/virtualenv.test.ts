import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineObject } from '../engine.ts';
import { openTerminal, run, sh } from '../engine-contract/fixture.ts';
import { type Wheel, writeWheels } from '../local/wheels-for-tests.ts';
import { describeVirtualenv } from './describe-virtualenv.ts';
import { createInterpreters } from './interpreters.ts';
import { createTestEngine, quietTask, type TestEngine } from './test-support.ts';

await describeVirtualenv('virtualenv', () => {
  const wheels: readonly Wheel[] = [{ name: 'beta', version: '1.5' }];

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
    await writeWheels(folder, wheels);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const python = async ({ engine }: TestEngine, { ref }: EngineObject, code: string) =>
    (await run(engine, ref, ['python', '-c', code])).stdout.toString().trim();

  /** An interpreter of one's own that can be taken away: a link to the real one would be seen through. */
  async function interpreterOfOnesOwn(): Promise<string> {
    const { path } = await createInterpreters().choose(undefined);
    const own = join(await mkdtemp(join(folder, 'python-')), 'bin', 'python3');
    await mkdir(dirname(own));
    await symlink(path, own);
    return own;
  }

  it('is active for every program through its environment, and only there', async () => {
    await using test = await createTestEngine();
    const before = { ...process.env };
    const object = await test.running({ env: { MINE: 'yes' } });
    const venv = test.venvOf(object);
    expect(await python(test, object, 'import sys; print(sys.prefix)')).toBe(venv);
    const { stdout } = await run(test.engine, object.ref, sh('echo "$VIRTUAL_ENV|$MINE|$PATH"; command -v python3'));
    const [first = '', second] = stdout.toString().split('\n');
    expect(first.startsWith(`${venv}|yes|${venv}/bin:`)).toBe(true);
    expect(second).toBe(`${venv}/bin/python3`);
    expect(await readdir(object.workspace ?? '')).toEqual([]);
    expect(process.env).toEqual(before);
  });

  it('never takes this machine’s pip for its own, and gives way to one that is put into it', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running();
    const pip = async () => run(test.engine, ref, ['pip', 'install', 'beta']);
    const refused = await pip();
    expect(refused.exit.code).toBe(1);
    expect(refused.stderr.toString()).toContain('python -m ensurepip --default-pip');
    expect((await run(test.engine, ref, ['python', '-m', 'ensurepip', '--default-pip'])).exit.code).toBe(0);
    const { stdout } = await run(test.engine, ref, ['pip', '--version']);
    expect(stdout.toString()).toContain(test.venvOf(await test.engine.inspect(ref)));
  });

  it('runs the main program in it', async () => {
    await using test = await createTestEngine();
    const code = 'import sys, time; print(sys.prefix, flush=True); time.sleep(1000)';
    const object = await test.running({ command: ['python', '-c', code] });
    const options = { tail: 1, follow: true, signal: new AbortController().signal };
    for await (const [line] of test.engine.logs(object.ref, options)) {
      expect(line?.text).toBe(test.venvOf(object));
      break;
    }
  });

  it.each([
    ['bash', '/bin/bash'],
    ['another shell', '/bin/sh'],
  ])('opens a console with it active and shown in the prompt: %s', async (_what, shell) => {
    await using test = await createTestEngine();
    const { SHELL } = process.env;
    process.env.SHELL = shell;
    try {
      const object = await test.running({ name: 'my "$(project)"' });
      const terminal = await openTerminal(test.engine, object.ref);
      await terminal.waitFor('(my project) ');
      terminal.console.write('echo "<$VIRTUAL_ENV>"; deactivate; echo "[$VIRTUAL_ENV|$PATH]"\n');
      await terminal.waitFor(`<${test.venvOf(object)}>`);
      await terminal.waitFor('[|/');
      expect(terminal.output()).not.toMatch(/\[\|[^\]]*venv\/bin/);
      await terminal.console.kill();
    } finally {
      if (SHELL === undefined) Reflect.deleteProperty(process.env, 'SHELL');
      else process.env.SHELL = SHELL;
    }
  });

  it('opens its Python as a console when that is asked for', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running();
    const terminal = await openTerminal(test.engine, ref, { argv: ['python'] });
    expect(terminal.console.title).toBe('python');
    await terminal.waitFor('>>> ');
    terminal.console.write('import sys; sys.prefix == sys.base_prefix, 6 * 7\n');
    await terminal.waitFor('(False, 42)');
    await terminal.console.kill();
  });

  it('takes the interpreter that is named: by path, by name, by version', async () => {
    await using test = await createTestEngine();
    const [best] = await createInterpreters().find();
    const minor = best?.version.split('.').slice(0, 2).join('.') ?? '';
    for (const interpreter of [best?.path ?? '', 'python3', `python${minor}`, minor]) {
      const object = await test.running({ python: { interpreter } });
      expect(await python(test, object, 'import sys; print("%d.%d" % sys.version_info[:2])')).toBe(minor);
    }
  });

  it.each([['python2.7'], ['/bin/sh'], ['/nowhere/python3']])(
    'refuses the interpreter %s, and names those that there are',
    async (interpreter) => {
      await using test = await createTestEngine();
      await expect(test.create({ python: { interpreter } })).rejects.toMatchObject({
        code: 'invalid_input',
        details: { field: 'python.interpreter' },
        hint: expect.stringContaining('python3'),
      });
      expect(await test.engine.list()).toEqual([]);
    },
  );

  it('finds what pyenv and uv have installed, each once, and the real program behind a virtualenv', async () => {
    const { path: real, version } = await createInterpreters().choose(undefined);
    const target = await realpath(real);
    const root = await mkdtemp(join(folder, 'home-'));
    const bins = ['.local/share/uv/python/cpython-3.11/bin', '.pyenv/versions/3.11.7/bin'];
    for (const bin of bins) {
      await mkdir(join(root, bin), { recursive: true });
      // It counts as one of its own: Python tells the name it was started by.
      await writeFile(join(root, bin, 'python3'), `#!/bin/sh\necho ${bin} >>${root}/asked\nexec ${real} "$@"\n`, {
        mode: 0o755,
      });
    }
    const found = await createInterpreters({ HOME: root, PATH: '' }).find();
    expect((await readFile(join(root, 'asked'), 'utf8')).trim().split('\n').toSorted()).toEqual(bins);
    const reals = await Promise.all(found.map(({ path }) => realpath(path)));
    expect(reals.filter((path) => path === target)).toHaveLength(1);
    await using test = await createTestEngine();
    const object = await test.create();
    const inside = await createInterpreters().choose(join(test.venvOf(object), 'bin/python'));
    expect(inside.version).toBe(version);
    expect(await realpath(inside.path)).toBe(target);
  });

  it.each([
    ['its folder is gone', (venv: string) => rm(venv, { recursive: true }), /is gone/],
    ['its configuration is gone', (venv: string) => rm(join(venv, 'pyvenv.cfg')), /pyvenv.cfg/],
    ['its Python is gone', (venv: string) => rm(join(venv, 'bin/python')), /bin\/python is missing/],
    [
      'its place for packages is gone',
      (venv: string) => rm(join(venv, 'lib'), { recursive: true }),
      /no folder for packages/,
    ],
  ])('says what is broken, does not start, and is repaired: %s', async (_what, harm, message) => {
    await using test = await createTestEngine();
    const object = await test.create({ python: { wheels: folder } });
    await harm(test.venvOf(object));
    const starting = test.engine.start(object.ref);
    await expect(starting).rejects.toMatchObject({ code: 'conflict', hint: expect.stringContaining('Repair') });
    await expect(starting).rejects.toThrow(message);
    expect((await test.packages.list(object.ref)).problem?.message).toMatch(message);
    await test.packages.repair?.(object.ref, quietTask());
    expect((await test.packages.list(object.ref)).problem).toBeNull();
    await test.engine.start(object.ref);
    expect(await python(test, object, 'print(6 * 7)')).toBe('42');
  });

  it('keeps its packages when its interpreter has gone and another of the version is there', async () => {
    await using test = await createTestEngine();
    const interpreter = await interpreterOfOnesOwn();
    const object = await test.running({ python: { interpreter, wheels: folder, packages: ['beta'] } });
    const link = join(test.venvOf(object), 'bin/python3');
    await rm(link);
    await symlink(interpreter, link);
    await rm(interpreter);
    await expect(run(test.engine, object.ref, ['python', '-V'])).rejects.toThrow(/is gone from/);
    // Nothing is fetched: the wheels are gone as well.
    const hidden = `${folder}-hidden`;
    await rename(folder, hidden);
    try {
      await test.packages.repair?.(object.ref, quietTask());
    } finally {
      await rename(hidden, folder);
    }
    expect(await python(test, object, 'import beta; print(beta.version)')).toBe('1.5');
  });

  /** As an upgrade of the system leaves it: packages in a folder of a Python that is not there any more. */
  async function ageTo(venv: string, minor: string): Promise<void> {
    const [lib = ''] = await readdir(join(venv, 'lib'));
    await rename(join(venv, 'lib', lib), join(venv, 'lib', `python${minor}`));
    const config = join(venv, 'pyvenv.cfg');
    await writeFile(config, (await readFile(config, 'utf8')).replace(/^version = .*$/m, `version = ${minor}.0`));
  }

  it('installs its packages again when only another version of Python is there', async () => {
    await using test = await createTestEngine();
    const object = await test.create({ python: { wheels: folder, packages: ['beta'] } });
    await ageTo(test.venvOf(object), '3.99');
    expect((await test.packages.list(object.ref)).problem?.message).toMatch(/made for Python 3\.99/);
    const told: string[] = [];
    await test.packages.repair?.(object.ref, { ...quietTask(), progress: (line) => void told.push(line) });
    expect(told).toContain('Installing 1 packages again');
    await test.engine.start(object.ref);
    expect(await python(test, object, 'import beta; print(beta.version)')).toBe('1.5');
  });

  it('leaves a broken one as it was when a repair fails', async () => {
    await using test = await createTestEngine();
    const wheels = await mkdtemp(join(folder, 'wheels-'));
    await writeWheels(wheels, [{ name: 'beta', version: '1.5' }]);
    const object = await test.create({ python: { wheels, packages: ['beta'] } });
    await ageTo(test.venvOf(object), '3.99');
    await rm(wheels, { recursive: true });
    await expect(test.packages.repair?.(object.ref, quietTask())).rejects.toMatchObject({
      details: { field: 'python.wheels' },
    });
    expect(await test.packages.list(object.ref)).toMatchObject({ packages: [{ name: 'beta', version: '1.5' }] });
    expect((await test.packages.list(object.ref)).problem).not.toBeNull();
  });

  it('notices a broken pip and puts it right', async () => {
    await using test = await createTestEngine();
    const object = await test.create({ python: { pip: true } });
    const [lib = ''] = await readdir(join(test.venvOf(object), 'lib'));
    await rm(join(test.venvOf(object), 'lib', lib, 'site-packages/pip/__main__.py'));
    await expect(test.engine.start(object.ref)).rejects.toThrow(/pip in its virtualenv is broken/);
    await test.packages.repair?.(object.ref, quietTask());
    await test.engine.start(object.ref);
    expect((await run(test.engine, object.ref, ['pip', '--version'])).exit.code).toBe(0);
  });

  it('leaves nothing of itself behind', async () => {
    await using test = await createTestEngine();
    const project = await mkdtemp(join(folder, 'project-'));
    const { ref } = await test.running({ source: { type: 'directory', path: project } });
    await test.engine.destroy(ref);
    expect(await readdir(join(test.home, 'sandboxes', ref))).toEqual([]);
    expect(await readdir(project)).toEqual([]);
  });
});
