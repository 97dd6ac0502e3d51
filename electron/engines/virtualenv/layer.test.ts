import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, sh } from '../engine-contract/fixture.ts';
import { writeWheels } from '../local/wheels-for-tests.ts';
import { describeBoxed } from './describe-virtualenv.ts';
import { createTestEngine, quietTask } from './test-support.ts';

await describeBoxed('virtualenv in namespaces: writes kept apart', () => {
  it('are those to the folder; packages go on being the virtualenv’s', async () => {
    await using stack = new AsyncDisposableStack();
    const folders = { project: '', wheels: '' };
    for (const name of ['project', 'wheels'] as const) {
      folders[name] = await mkdtemp(join(tmpdir(), `terrarium-${name}-`));
      stack.defer(() => rm(folders[name], { recursive: true, force: true }));
    }
    await writeFile(join(folders.project, 'main.py'), 'import alpha; open("out", "w").write(alpha.version)\n');
    await writeWheels(folders.wheels, [{ name: 'alpha', version: '1.0' }]);

    await using test = await createTestEngine();
    const { changes } = test.engine;
    const [boxed] = (await test.engine.probe()).runtimes;
    expect(boxed?.capabilities.features.overlay.support).toBe('enforced');
    const { ref } = await test.running({
      runtime: 'namespace',
      network: { mode: 'none' },
      profile: 'standard',
      source: { type: 'directory', path: folders.project },
      filesystem: { overlay: true },
      python: { wheels: folders.wheels },
    });
    await test.packages.install(ref, { requirements: ['alpha'], fromFile: false }, quietTask());
    expect((await run(test.engine, ref, sh('python main.py; rm main.py'))).exit.code).toBe(0);
    expect((await changes?.list(ref))?.changes).toMatchObject([
      { kind: 'deleted', path: 'main.py' },
      { kind: 'added', path: 'out' },
    ]);
    expect(await readdir(folders.project)).toEqual(['main.py']);
    await test.engine.stop(ref, 0);
    await changes?.apply(ref, ['out'], new AbortController().signal);
    await changes?.discard(ref, undefined);
    expect(await readFile(join(folders.project, 'out'), 'utf8')).toBe('1.0');
    expect((await readdir(folders.project)).toSorted()).toEqual(['main.py', 'out']);
    expect((await test.packages.list(ref)).packages.map(({ name }) => name)).toEqual(['alpha']);
  });

  it('are refused without the namespaces', async () => {
    await using test = await createTestEngine();
    await expect(test.create({ filesystem: { overlay: true } })).rejects.toMatchObject({ code: 'unsupported' });
  });
});
