import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, sh } from '../engine-contract/fixture.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

await describeNamespace('namespace: what of this machine’s files is shown', () => {
  let home: string;
  const before = process.env.HOME;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'terrarium-user-home-'));
    for (const folder of ['.ssh', '.aws', '.config/gcloud', 'project/private', 'dotfiles/ssh', 'written']) {
      await mkdir(join(home, folder), { recursive: true });
      await writeFile(join(home, folder, 'file'), `in ${folder}\n`);
    }
    await writeFile(join(home, '.npmrc'), 'token\n');
    await symlink('dotfiles/ssh', join(home, '.gnupg'));
    // What is hidden in a user's home depends on whose it is.
    process.env.HOME = home;
  });
  afterAll(async () => {
    process.env.HOME = before;
    await rm(home, { recursive: true, force: true });
  });
  const filesystem = (rules: object) => ({ filesystem: { readOnly: [], readWrite: [], denied: [], ...rules } });
  const say = async (test: Awaited<ReturnType<typeof createTestEngine>>, ref: string, script: string) => {
    const { exit, stdout, stderr } = await run(test.engine, ref, sh(script));
    return { code: exit.code, said: stdout.toString().trim(), stderr: stderr.toString() };
  };

  it('is the system and the workspace, and nothing else', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running();
    expect((await say(test, ref, 'ls /')).said.split('\n')).toEqual(
      expect.arrayContaining(['bin', 'dev', 'etc', 'proc', 'tmp', 'usr', 'workspace']),
    );
    for (const path of [homedir(), '/home', '/root', '/var/lib', '/boot', '/sys', '/opt', test.home]) {
      expect([path, (await say(test, ref, `ls ${path}`)).code]).not.toEqual([path, 0]);
    }
  });

  it('shows what is asked for, to be read or to be written', async () => {
    await using test = await createTestEngine();
    const [project, written] = [join(home, 'project'), join(home, 'written')];
    const { ref } = await test.running(filesystem({ readOnly: [project], readWrite: [written] }));
    expect((await say(test, ref, `cat ${project}/private/file`)).said).toBe('in project/private');
    expect((await say(test, ref, `echo no > ${project}/new`)).stderr).toContain('Read-only');
    expect((await say(test, ref, `echo yes > ${written}/new`)).code).toBe(0);
    expect(await readFile(join(written, 'new'), 'utf8')).toBe('yes\n');
  });

  it('hides keys and credentials in whatever is shown, links to them included', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(filesystem({ readWrite: [home] }));
    expect((await say(test, ref, `cat ${home}/project/private/file`)).said).toBe('in project/private');
    for (const path of [
      '.ssh/file',
      '.aws/file',
      '.config/gcloud/file',
      '.gnupg/file',
      'dotfiles/ssh/file',
      '.npmrc',
    ]) {
      expect([path, (await say(test, ref, `cat ${home}/${path}`)).said]).toEqual([path, '']);
    }
    expect((await say(test, ref, `echo x > ${home}/.ssh/authorized_keys`)).code).not.toBe(0);
    expect((await say(test, ref, `rm -rf ${home}/.ssh; mv ${home}/.aws ${home}/moved`)).code).not.toBe(0);
    expect(await readFile(join(home, '.ssh/file'), 'utf8')).toBe('in .ssh\n');
    expect(existsSync(join(home, '.ssh/authorized_keys'))).toBe(false);
  });

  it('hides them in a home that is the workspace itself', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running({ source: { type: 'directory', path: home } });
    expect((await say(test, ref, 'cat project/private/file; cat .ssh/file .npmrc')).said).toBe('in project/private');
  });

  it('hides what is denied', async () => {
    await using test = await createTestEngine();
    const project = join(home, 'project');
    const { ref } = await test.running(filesystem({ readOnly: [project], denied: [join(project, 'private')] }));
    expect((await say(test, ref, `ls ${project}; cat ${project}/private/file`)).said).toBe('private');
  });

  it('mounts folders elsewhere, read-only unless asked otherwise', async () => {
    await using test = await createTestEngine();
    const hostPath = join(home, 'project');
    const { ref } = await test.running({
      mounts: [
        { hostPath, path: '/data/in' },
        { hostPath: join(home, 'written'), path: '/data/out', readOnly: false },
      ],
    });
    expect((await say(test, ref, 'cat /data/in/private/file; echo mounted > /data/out/note')).said).toBe(
      'in project/private',
    );
    expect((await say(test, ref, 'touch /data/in/x')).code).not.toBe(0);
    expect(await readFile(join(home, 'written/note'), 'utf8')).toBe('mounted\n');
  });

  it('shows nothing to be written in the profile strict', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running({ profile: 'strict', ...filesystem({ readWrite: [join(home, 'written')] }) });
    expect((await say(test, ref, `touch ${home}/written/strict`)).stderr).toContain('Read-only');
  });

  it.each([
    ['keys', () => filesystem({ readOnly: [join(home, '.ssh')] }), 'denied', 'filesystem.readOnly'],
    ['a link to keys', () => filesystem({ readOnly: [join(home, '.gnupg')] }), 'denied', 'filesystem.readOnly'],
    ['what is below them', () => ({ mounts: [{ hostPath: join(home, '.aws/file'), path: '/x' }] }), 'denied', 'mounts'],
    [
      'keys as the workspace',
      () => ({ source: { type: 'directory' as const, path: join(home, '.ssh') } }),
      'denied',
      'source',
    ],
    ['the whole machine', () => filesystem({ readOnly: ['/'] }), 'invalid_input', 'filesystem.readOnly'],
    [
      'what is not there',
      () => filesystem({ readWrite: [join(home, 'missing')] }),
      'invalid_input',
      'filesystem.readWrite',
    ],
    [
      'a place that is taken',
      () => ({ mounts: [{ hostPath: join(home, 'project'), path: '/etc/x' }] }),
      'invalid_input',
      'mounts',
    ],
  ])('refuses to show %s, before anything is made', async (_what, spec, code, field) => {
    await using test = await createTestEngine();
    await expect(test.create(spec())).rejects.toMatchObject({ code, details: { field } });
    expect(await test.engine.list()).toEqual([]);
  });
});
