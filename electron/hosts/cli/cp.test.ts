import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { program } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
const BIG = 64 * 1024 * 1024;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-cp-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const here = (path: string) => join(folder, path);
const done = { code: 0, stdout: '', stderr: '' };
/** Leaves nothing of the last case. */
const sh = (script: string) =>
  execFileSync('sh', ['-c', script], {
    cwd: folder,
    env: { ...bench.env(), TERRARIUM: `${process.execPath} ${program}` },
  }).toString();

function makeTree(): void {
  mkdirSync(here('tree/文件 夹/empty'), { recursive: true });
  writeFileSync(here("tree/文件 夹/it's a file"), 'grüße\n');
  writeFileSync(here('tree/program'), '#!/bin/sh\n', { mode: 0o755 });
  sh('ln -s "文件 夹" tree/link; ln -s /etc/passwd tree/elsewhere');
}

/** Run with a sandbox of the engine that has this name. */
function copies(name: string): void {
  afterEach(async () => {
    await bench.run('exec', name, '--', 'sh', '-c', 'rm -rf /workspace/* 2>/dev/null; rm -rf ./*');
  });

  it('a file there and back, whatever its size and its name', { timeout: 120_000 }, async () => {
    sh(`head -c ${BIG} /dev/urandom > big; echo x > '大 file'; chmod 750 '大 file'`);
    expect(await bench.run('cp', here('big'), `${name}:big`)).toEqual(done);
    expect(await bench.run('cp', `${name}:big`, here('back'))).toEqual(done);
    sh('cmp big back');
    expect(await bench.run('cp', here('大 file'), `${name}:in/a/new folder/`)).toMatchObject({ code: 3 });
    expect(await bench.run('exec', name, '--', 'mkdir', '-p', 'in')).toMatchObject({ code: 0 });
    expect(await bench.run('cp', here('大 file'), `${name}:in`)).toEqual(done);
    expect((await bench.run('exec', name, '--', 'sh', '-c', 'stat -c %a in/*; cat in/*')).stdout).toBe('750\nx\n');
    mkdirSync(here('into'));
    expect(await bench.run('cp', `${name}:in/大 file`, here('into'))).toEqual(done);
    expect(statSync(here('into/大 file')).mode & 0o777).toBe(0o750);
  });

  it('a folder there and back, as cp -r has it', async () => {
    makeTree();
    expect(await bench.run('cp', here('tree'), `${name}:made`)).toEqual(done);
    expect(await bench.run('cp', here('tree'), `${name}:made`)).toEqual(done);
    expect(await bench.run('cp', `${here('tree')}/.`, `${name}:contents/of it`)).toEqual(done);
    const listed = (path: string) => bench.run('exec', name, '--', 'sh', '-c', `cd "${path}" && find . | sort`);
    const expected = sh('cd tree; find . | LC_ALL=C sort');
    expect((await listed('contents/of it')).stdout.split('\n').toSorted()).toEqual(expected.split('\n').toSorted());
    expect((await listed('made/tree')).stdout.split('\n').toSorted()).toEqual(expected.split('\n').toSorted());

    expect(await bench.run('cp', `${name}:made/tree`, here('back'))).toEqual(done);
    sh('diff -r --no-dereference tree back; test -x back/program');
    mkdirSync(here('into'));
    expect(await bench.run('cp', `${name}:made/tree`, here('into'))).toEqual(done);
    sh('diff -r --no-dereference tree into/tree');
    expect(await bench.run('cp', `${name}:made/tree/.`, here('into'))).toEqual(done);
    sh('rm -r into/tree; diff -r --no-dereference tree into');
  });

  it('a tar archive on stdin and stdout', async () => {
    makeTree();
    sh(`tar -c tree | $TERRARIUM cp - ${name}:unpacked`);
    sh(`$TERRARIUM cp ${name}:unpacked/tree - | tar -x -C "$(mkdir out; echo out)"`);
    sh('diff -r --no-dereference tree out/tree');
  });

  it('nothing through a link that leads out, nor what is no file', async () => {
    writeFileSync(here('secret'), 'secret');
    makeTree();
    await bench.run(
      'exec',
      name,
      '--',
      'sh',
      '-c',
      `ln -s ${here('secret')} way; mkfifo pipe; mkdir folder; ln -s ${folder} folder/way`,
    );
    expect((await bench.run('cp', `${name}:way`, here('got'))).code).toBeGreaterThan(0);
    expect((await bench.run('cp', here('tree/program'), `${name}:way`)).code).toBeGreaterThan(0);
    expect((await bench.run('cp', here('tree/program'), `${name}:folder/way/new`)).code).toBeGreaterThan(0);
    expect(await bench.run('cp', `${name}:pipe`, here('got'))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('is a named pipe'),
    });
    expect(readFileSync(here('secret'), 'utf8')).toBe('secret');
    expect(readdirSync(folder).toSorted()).toEqual(['secret', 'tree']);
    // A folder with links in it is copied with them, and what they lead to is left alone.
    await bench.run('exec', name, '--', 'rm', 'pipe');
    expect(await bench.run('cp', `${name}:folder`, here('got'))).toEqual(done);
    expect(await bench.run('cp', here('got'), `${name}:again`)).toEqual(done);
    mkdirSync(here('over'));
    sh(`ln -s ${folder}/tree over/way`);
    // An archive's entry takes the place of a link, or is refused; nothing is written through it.
    await bench.run('exec', name, '--', 'sh', '-c', 'rm folder/way; mkdir folder/way; echo x > folder/way/program');
    expect((await bench.run('cp', `${name}:folder/.`, here('over'))).code).toBe(4);
    expect(readFileSync(here('tree/program'), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('into the folder that was said, however its source is written', async () => {
    sh('mkdir -p into/it from/in; echo here >from/file; ln -s file from/link');
    const script = 'mkdir -p a/b; echo there >a/file; chmod 777 a/file; ln -s file a/link';
    await bench.run('exec', name, '--', 'sh', '-c', script);
    expect(await bench.run('cp', `${name}:a/b/..`, here('into/it'))).toEqual(done);
    expect(readdirSync(here('into'))).toEqual(['it']);
    expect(readdirSync(here('into/it'))).toEqual(['a']);
    expect(await bench.run('cp', `${name}:a/..`, here('into/it'))).toEqual(done);
    expect(await bench.run('cp', `${here('from')}/in/..`, `${name}:a/b`)).toEqual(done);
    expect((await bench.run('exec', name, '--', 'ls', 'a/b')).stdout).toBe('from\n');
    // Everybody's file stays that, and what a link leads to is not.
    expect(await bench.run('cp', `${name}:a/file`, here('into'))).toEqual(done);
    expect(await bench.run('cp', `${name}:a/link`, here('into'))).toEqual(done);
    expect([statSync(here('into/file')).mode & 0o777, statSync(here('into/link')).mode & 0o777]).toEqual([
      0o777, 0o644,
    ]);
  });

  it('a folder without its named pipes, and says so', async () => {
    sh('mkdir -p tree/z; mkfifo tree/a tree/b; echo x >tree/z/file');
    const stderr = expect.stringMatching(/^terrarium: left out[^\n]+and 1 more[^\n]+\n$/);
    expect(await bench.run('cp', here('tree'), `${name}:copy`)).toEqual({ ...done, stderr });
    expect((await bench.run('exec', name, '--', 'sh', '-c', 'cd copy; echo *; mkfifo a b')).stdout).toBe('z\n');
    expect(await bench.run('cp', `${name}:copy`, here('back'))).toEqual({ ...done, stderr });
    expect(sh('cd back; echo *; cat z/file')).toBe('z\nx\n');
  });

  it('no folder through a link that leads beside its target', async () => {
    sh('mkdir photos results; echo mine >photos/one; ln -s ../photos results/p; ln -s ../photos results/folder');
    await bench.run('exec', name, '--', 'sh', '-c', 'mkdir -p folder deep/p; echo theirs | tee folder/one >deep/p/one');
    expect((await bench.run('cp', `${name}:folder`, here('results'))).code).toBe(7);
    expect((await bench.run('cp', `${name}:deep/.`, here('results'))).code).toBe(4);
    expect((await bench.run('cp', `${name}:folder/one`, here('results/p'))).code).toBe(0);
    expect(readFileSync(here('photos/one'), 'utf8')).toBe('theirs\n');
  });
}

describeUnless(null, 'a plain process', () => {
  beforeAll(() => bench.create({ name: 'plain' }));
  copies('plain');
});

describeUnless(await dockerMissing(), 'a container', () => {
  beforeAll(() => bench.create({ name: 'box', engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } }));
  copies('box');

  it('of the image what is not mounted, too', async () => {
    expect(await bench.run('cp', 'box:/etc/passwd', here('passwd'))).toEqual(done);
    expect(readFileSync(here('passwd'), 'utf8')).toMatch(/^root:/);
    expect(await bench.run('cp', here('passwd'), 'box:/etc/passwd')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('read-only'),
    });
    expect(await bench.run('cp', here('passwd'), 'box:/tmp/passwd')).toMatchObject({ code: 5 });
  });
});

it.each([
  ['both sides are here', ['cp', './a', './b'], 2],
  ['both sides are in sandboxes', ['cp', 'one:a', 'two:b'], 2],
  ['there is no such sandbox', ['cp', 'nobody:a', './b'], 3],
  ['there is no such file here', ['cp', './not-here', 'wrong:a'], 3],
  ['there is no such file there', ['cp', 'wrong:not-there', './b'], 3],
  ['it is outside', ['cp', 'wrong:/etc/passwd', './b'], 7],
] as const)('says in a line and by its code that %s', async (_what, args, code) => {
  const ran = await bench.run(...args);
  expect(ran).toMatchObject({ code, stdout: '' });
  expect(ran.stderr).toMatch(/^terrarium: [^\n]+\n(?:[^\n]+\n)?$/);
  expect(existsSync('./b')).toBe(false);
});
beforeAll(() => bench.create({ name: 'wrong' }));

it('shows how far it is on a terminal only', async () => {
  sh(`head -c ${BIG} /dev/urandom > big`);
  const { until, exited } = bench.onTerminal('cp', here('big'), 'wrong:big');
  await until('copied');
  expect((await exited).exitCode).toBe(0);
});
