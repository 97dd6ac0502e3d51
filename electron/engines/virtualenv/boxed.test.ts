import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTerminal, run, sh } from '../engine-contract/fixture.ts';
import { writeWheels } from '../local/wheels-for-tests.ts';
import { describeBoxed } from './describe-virtualenv.ts';
import { createTestEngine, quietTask, type TestEngine } from './test-support.ts';

await describeBoxed('virtualenv in namespaces', () => {
  let wheels: string;
  beforeAll(async () => {
    wheels = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
    await writeWheels(wheels, [
      { name: 'alpha', version: '1.0' },
      { name: 'beta', version: '1.5' },
    ]);
  });
  afterAll(() => rm(wheels, { recursive: true, force: true }));

  const boxed = (python: object = {}) =>
    ({
      runtime: 'namespace',
      network: { mode: 'none' },
      profile: 'standard',
      python: { wheels, ...python },
    }) as const;
  const packages = async ({ packages: store }: TestEngine, ref: string) =>
    (await store.list(ref)).packages.map(({ name, version }) => `${name} ${version}`);

  it('is offered with what namespaces can hold, beside the plain one', async () => {
    await using test = await createTestEngine();
    const { capabilities, runtimes } = await test.engine.probe();
    expect(capabilities.isolation).toBe('none');
    expect(runtimes).toMatchObject([{ name: 'namespace', capabilities: { isolation: 'namespaces' } }]);
    expect(runtimes[0]?.capabilities.features).toMatchObject({
      python: { support: 'enforced' },
      packages: { support: 'enforced' },
    });
  });

  it('runs its Python and its packages, and sees nothing else of this machine', async () => {
    await using test = await createTestEngine();
    const object = await test.running(boxed({ packages: ['alpha'] }));
    const code = 'import alpha, os, sys; print(sys.prefix, alpha.version, os.getuid(), os.getcwd())';
    const { stdout } = await run(test.engine, object.ref, ['python', '-c', code]);
    expect(stdout.toString()).toBe(`${test.venvOf(object)} 1.0 65534 /workspace\n`);
    const outside = [
      join(homedir(), '.ssh'),
      join(test.home, 'sandboxes', object.ref, 'virtualenv.json'),
      '/etc/shadow',
    ];
    for (const path of outside) {
      expect((await run(test.engine, object.ref, ['cat', path])).exit.code).not.toBe(0);
      expect((await run(test.engine, object.ref, ['ls', path])).exit.code).not.toBe(0);
    }
    const others = await run(test.engine, object.ref, sh(`ls ${join(test.home, 'sandboxes', object.ref)}`));
    expect(others.stdout.toString().trim().split('\n').toSorted()).toEqual(['shell-start', 'venv']);
    const written = await run(test.engine, object.ref, sh(`echo x >${wheels}/x || echo x >/usr/x`));
    expect(written.exit.code).not.toBe(0);
    const terminal = await openTerminal(test.engine, object.ref);
    await terminal.waitFor('(test) ');
    await terminal.console.kill();
  });

  it('refuses to show a folder for its wheels that is not fit to be shown', async () => {
    await using test = await createTestEngine();
    for (const [folder, code] of [
      [join(test.home, 'sandboxes'), 'denied'],
      ['/etc', 'invalid_input'],
      ['/', 'invalid_input'],
    ] as const) {
      const made = test.create(boxed({ wheels: folder }));
      await expect(made).rejects.toMatchObject({ code, details: { field: 'python.wheels' } });
    }
  });

  it('hides keys in a folder with wheels', async () => {
    const before = process.env.HOME;
    const home = await mkdtemp(join(tmpdir(), 'terrarium-user-home-'));
    process.env.HOME = home;
    try {
      await mkdir(join(home, '.ssh'));
      await writeFile(join(home, '.ssh', 'id'), 'secret\n');
      await using test = await createTestEngine();
      const { ref } = await test.running(boxed({ wheels: home }));
      expect((await run(test.engine, ref, sh(`ls -a ${home}; cat ${home}/.ssh/id`))).stdout.toString()).not.toContain(
        'secret',
      );
      expect((await run(test.engine, ref, ['ls', home])).exit.code).toBe(0);
    } finally {
      process.env.HOME = before;
      await rm(home, { recursive: true, force: true });
    }
  });

  it('is not held up by files that never end, put where it is looked at from outside', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(boxed());
    const site = '"$(echo "$VIRTUAL_ENV"/lib/python3*/site-packages)"';
    const plant = `rm "$VIRTUAL_ENV/pyvenv.cfg"; mkdir ${site}/x.dist-info; mkfifo "$VIRTUAL_ENV/pyvenv.cfg" ${site}/x.dist-info/METADATA /workspace/package.json`;
    expect((await run(test.engine, ref, sh(plant))).exit.code).toBe(0);
    expect((await test.packages.list(ref)).problem?.message).toContain('pyvenv.cfg');
    const npm = test.engine.packages?.find(({ provider }) => provider === 'npm');
    expect((await npm?.list(ref))?.packages).toEqual([]);
    await expect(run(test.engine, ref, ['true'])).rejects.toMatchObject({ code: 'conflict' });
    await test.engine.destroy(ref);
    expect(await test.engine.list()).toEqual([]);
  });

  it('changes its packages from inside, while it runs', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.create(boxed());
    const install = () => test.packages.install(ref, { requirements: ['beta'], fromFile: false }, quietTask());
    await expect(install()).rejects.toMatchObject({ code: 'conflict', hint: 'Start it first.' });
    await test.engine.start(ref);
    await install();
    expect(await packages(test, ref)).toEqual(['beta 1.5']);
    expect(await test.packages.freeze(ref)).toBe('beta==1.5\n');
    expect(await test.packages.versions(ref, 'alpha', quietTask().signal)).toEqual(['1.0']);
    const missing = test.packages.install(ref, { requirements: ['delta'], fromFile: false }, quietTask());
    await expect(missing).rejects.toMatchObject({ code: 'not_found', details: { package: 'delta' } });
    await test.packages.uninstall(ref, ['beta'], quietTask());
    expect(await packages(test, ref)).toEqual([]);
  });

  it('says of an install that it has no network, and that npm does not work on it', async () => {
    await using test = await createTestEngine();
    const python = { indexUrl: 'http://127.0.0.1:1/simple' };
    const { ref } = await test.running({ ...boxed(), python });
    const install = test.packages.install(ref, { requirements: ['beta'], fromFile: false }, quietTask());
    await expect(install).rejects.toMatchObject({
      code: 'disconnected',
      hint: 'The sandbox has no network: make one with the network mode full, or name a folder with wheels.',
    });
    const npm = test.engine.packages?.find(({ provider }) => provider === 'npm');
    expect(await npm?.serves?.(ref)).toBe(false);
  });

  it('never runs outside what was put into it inside', async () => {
    await using test = await createTestEngine();
    const object = await test.running(boxed({ packages: ['beta'] }));
    const proof = join(test.home, 'escaped');
    const site = '"$(echo "$VIRTUAL_ENV"/lib/python3*/site-packages)"';
    // Code that every start of this Python runs; a Python and a pip of one's own.
    const trap = `import os; open('${proof}', 'w')`;
    const plant = `echo "${trap}" >${site}/evil.pth; printf '#!/bin/sh\\ntouch ${proof}\\n' >"$VIRTUAL_ENV/evil"; chmod +x "$VIRTUAL_ENV/evil"; ln -sf "$VIRTUAL_ENV/evil" "$VIRTUAL_ENV/bin/python"; mkdir -p ${site}/pip; echo "${trap}" >${site}/pip/__main__.py; echo '{"scripts":{"preinstall":"touch ${proof}"}}' >/workspace/package.json`;
    expect((await run(test.engine, object.ref, sh(plant))).exit.code).toBe(0);
    // The trap is a real one: it springs when it is run outside.
    await promisify(execFile)(join(test.venvOf(object), 'bin/python'));
    expect(existsSync(proof)).toBe(true);
    await rm(proof);
    const npm = test.engine.packages?.find(({ provider }) => provider === 'npm');
    const attempts = [
      () => test.packages.list(object.ref),
      () => test.packages.freeze(object.ref),
      () => test.packages.versions(object.ref, 'beta', quietTask().signal),
      () => test.packages.install(object.ref, { requirements: ['alpha'], fromFile: false }, quietTask()),
      () => npm?.install(object.ref, { requirements: [], fromFile: true }, quietTask()),
      () => test.packages.repair?.(object.ref, quietTask()),
      () => test.engine.stop(object.ref, 100),
      () => test.packages.list(object.ref),
      () => test.packages.freeze(object.ref),
      () => test.packages.repair?.(object.ref, quietTask()),
      () => test.engine.start(object.ref),
    ];
    const outcomes = await attempts.reduce<Promise<readonly string[]>>(async (before, attempt) => {
      const done = await before;
      const outcome = await Promise.resolve(attempt()).then(
        () => 'done',
        (error: Error) => error.name,
      );
      expect(existsSync(proof)).toBe(false);
      return [...done, outcome];
    }, Promise.resolve([]));
    expect(outcomes.slice(-2)).toEqual(['done', 'done']);
    expect(outcomes[4]).toBe('AppError');
    expect(await packages(test, object.ref)).toEqual(['beta 1.5']);
    const { stdout } = await run(test.engine, object.ref, ['python', '-c', 'import beta; print(beta.version)']);
    expect(stdout.toString()).toBe('1.5\n');
    expect(existsSync(proof)).toBe(false);
  });
});
