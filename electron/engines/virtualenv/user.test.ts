import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { writeWheels } from '../local/wheels-for-tests.ts';
import { describeBoxed, describeVirtualenv } from './describe-virtualenv.ts';

/** In no password file. */
const NOBODY_IN_PARTICULAR = 61_236;
const isRoot = process.getuid?.() === 0;
const uid = isRoot ? NOBODY_IN_PARTICULAR : (process.getuid?.() ?? 0);

await describeVirtualenv('virtualenv: for an ordinary user', () => {
  it('makes, fills, repairs and destroys one', async () => {
    expect(await asUser(plainSteps)).toEqual({
      before: ['beta 1.5'],
      said: `${uid} 1.5`,
      broken: true,
      after: `${uid} 1.5`,
      emptied: [],
      left: [],
    });
  });
});

await describeBoxed('virtualenv in namespaces: for an ordinary user', () => {
  it('makes, fills and destroys one', async () => {
    expect(await asUser(boxedSteps)).toEqual({
      said: '65534 1.5',
      hidden: true,
      after: ['alpha 1.0', 'beta 1.5'],
      left: [],
    });
  });
});

async function asUser(steps: string): Promise<unknown> {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-user-'));
  try {
    const [wheels, state] = [join(home, 'wheels'), join(home, 'state')];
    for (const folder of [wheels, state]) await mkdir(folder);
    await writeWheels(wheels, [
      { name: 'alpha', version: '1.0' },
      { name: 'beta', version: '1.5' },
    ]);
    await chmod(home, 0o700);
    if (isRoot) for (const folder of [home, state]) await chown(folder, uid, uid);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', userScript(state, wheels, steps), ...(isRoot ? [String(uid)] : [])],
      { env: { ...process.env, HOME: home, TMPDIR: home } },
    );
    return JSON.parse(stdout);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const plainSteps = `
    const object = await test.running({ python: { wheels, packages: ['beta'] } });
    const { ref } = object;
    const before = await list(ref);
    const said = await say(ref);
    await rm(join(test.venvOf(object), 'pyvenv.cfg'));
    const broken = (await test.packages.list(ref)).problem !== null;
    await test.packages.repair(ref, quietTask());
    const after = await say(ref);
    await test.packages.uninstall(ref, ['beta'], quietTask());
    const result = { before, said, broken, after, emptied: await list(ref) };
    await test.engine.destroy(ref);
`;

const boxedSteps = `
    const box = { runtime: 'namespace', network: { mode: 'none' }, profile: 'standard' };
    const { ref } = await test.running({ ...box, python: { wheels, packages: ['beta'] } });
    const said = await say(ref);
    const hidden = (await run(test.engine, ref, ['ls', join(test.home, 'sandboxes', ref, 'logs')])).exit.code !== 0;
    await test.packages.install(ref, { requirements: ['alpha'], fromFile: false }, quietTask());
    const result = { said, hidden, after: await list(ref) };
    await test.engine.destroy(ref);
`;

/** Becomes another user after all is loaded, as the checkout may be in a folder that only root can enter. */
function userScript(state: string, wheels: string, steps: string): string {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { rm } from 'node:fs/promises';
    import { join } from 'node:path';
    import { run } from ${module('../engine-contract/fixture.ts')};
    import { createTestEngine, quietTask } from ${module('./test-support.ts')};
    if (process.argv[1]) {
      const uid = Number(process.argv[1]);
      process.setgroups([]); process.setgid(uid); process.setuid(uid);
    }
    const test = await createTestEngine(${JSON.stringify(state)});
    const wheels = ${JSON.stringify(wheels)};
    const list = async (ref) => (await test.packages.list(ref)).packages.map(({ name, version }) => name + ' ' + version);
    const code = 'import beta, os; print(os.getuid(), beta.version)';
    const say = async (ref) => (await run(test.engine, ref, ['python', '-c', code])).stdout.toString().trim();
    ${steps}
    const left = await test.engine.list();
    await test.engine.dispose();
    console.log(JSON.stringify({ ...result, left }));
  `;
}
