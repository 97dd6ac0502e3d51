import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { buildClient } from './build-client.ts';
import { runCommand } from './lib/command.ts';

const root = join(import.meta.dirname, '..');
let project: string;

/** A project of its own that has linked the package. */
beforeAll(async () => {
  await buildClient();
  project = await mkdtemp(join(tmpdir(), 'terrarium-client-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules/terrarium'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'nodenext',
    lib: ['esnext'],
    types: [],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const node = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCommand(process.execPath, argv, { env: { ...process.env, ...env } });

it('is there for a program of JavaScript', async () => {
  const home = await makeHome();
  const host = await startHost(home.path);
  await writeFile(
    join(project, 'use.js'),
    `import { Sandbox } from 'terrarium/client';
     const sandbox = await Sandbox.create({ engine: 'process', command: ['sleep', '600'] });
     console.log((await sandbox.exec('echo from a script')).stdout.trim());
     await sandbox.kill();
     await Sandbox.connect('nobody').catch(({ name, code }) => console.log(name, code));`,
  );
  const { code, stdout, stderr } = await node([join(project, 'use.js')], { TERRARIUM_HOME: home.path });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'from a script\nAppError not_found\n', stderr: '' });
  await host.stop();
  await home.remove();
});

it('has its types, and they refuse what is wrong', async () => {
  const check = async (text: string) => {
    await writeFile(join(project, 'use.ts'), text);
    const { stdout } = await node([join(root, 'node_modules/typescript/bin/tsc'), '-p', project]);
    return stdout;
  };
  const right = `import { isAppError, Sandbox } from 'terrarium/client';
    await using sandbox = await Sandbox.create({ engine: 'docker', image: 'busybox', limits: { memoryBytes: 2 ** 26 } });
    const { exitCode, stdout }: { exitCode: number | null; stdout: string } = await sandbox.exec(['true']);
    const isNot = (error: unknown) => isAppError(error, 'timeout') && error.hint;
    export const all = [exitCode, stdout, isNot];`;
  expect(await check(right)).toBe('');
  expect(await check(right.replace("'docker'", "'vax'"))).toContain('"vax"');
  expect(await check(right.replace('stdout }:', 'nothing }:'))).toContain('nothing');
});
