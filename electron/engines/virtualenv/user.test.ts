import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeVirtualenv } from './describe-virtualenv.ts';
import { writeWheels } from './wheels-for-tests.ts';

await describeVirtualenv('virtualenv: for an ordinary user', () => {
  /** In no password file. */
  const NOBODY_IN_PARTICULAR = 61_236;

  it('makes, fills, repairs and destroys a virtualenv for an ordinary user', async () => {
    const home = await mkdtemp(join(tmpdir(), 'terrarium-user-'));
    const isRoot = process.getuid?.() === 0;
    const uid = isRoot ? NOBODY_IN_PARTICULAR : (process.getuid?.() ?? 0);
    try {
      const wheels = join(home, 'wheels');
      await mkdir(wheels);
      await writeWheels(wheels, [{ name: 'beta', version: '1.5' }]);
      await chmod(home, 0o700);
      if (isRoot) await chown(home, uid, uid);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', userScript(home, wheels), ...(isRoot ? [String(uid)] : [])],
        { env: { ...process.env, HOME: home, TMPDIR: home } },
      );
      expect(JSON.parse(stdout)).toEqual({
        uid,
        before: ['beta 1.5'],
        said: `${uid} 1.5\n`,
        broken: true,
        after: `${uid} 1.5\n`,
        emptied: [],
        left: [],
      });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  /** Becomes another user after all is loaded, as the checkout may be in a folder that only root can enter. */
  function userScript(home: string, wheels: string): string {
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    return `
    import { rm } from 'node:fs/promises';
    import { join } from 'node:path';
    import { run } from ${module('../engine-contract/fixture.ts')};
    import { createTestEngine, quietTask } from ${module('./test-support.ts')};
    const uid = Number(process.argv[1] ?? process.getuid());
    if (process.argv[1]) { process.setgroups([]); process.setgid(uid); process.setuid(uid); }
    const test = await createTestEngine(${JSON.stringify(home)});
    const object = await test.running({ python: { wheels: ${JSON.stringify(wheels)}, packages: ['beta'] } });
    const { ref } = object;
    const list = async () => (await test.packages.list(ref)).packages.map(({ name, version }) => name + ' ' + version);
    const code = 'import beta, os; print(os.getuid(), beta.version)';
    const say = async () => (await run(test.engine, ref, ['python', '-c', code])).stdout.toString();
    const before = await list();
    const said = await say();
    await rm(join(test.venvOf(object), 'pyvenv.cfg'));
    const broken = (await test.packages.list(ref)).problem !== null;
    await test.packages.repair(ref, quietTask());
    const after = await say();
    await test.packages.uninstall(ref, ['beta'], quietTask());
    const emptied = await list();
    await test.engine.destroy(ref);
    const left = await test.engine.list();
    await test.engine.dispose();
    console.log(JSON.stringify({ uid, before, said, broken, after, emptied, left }));
  `;
  }
});
