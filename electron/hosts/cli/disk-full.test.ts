import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from './exit-codes.ts';
import { environmentOf, ownHome, program, type Ran, stopHost, terrarium } from './testing/terrarium.ts';

/** A small file system of its own. What only root may do here is not tried by others. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

const execute = promisify(execFile);

let place = '';
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'terrarium-small-'));
});
afterAll(() => rm(place, { recursive: true }));
beforeEach(async (ctx) => {
  if (!mayMount) ctx.skip('only root may mount a small file system');
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', place]);
});
afterEach(async () => {
  await stopHost(join(place, 'home'));
  if (mayMount) await execute('umount', [place]);
});

/** Takes all room that is left. */
async function fill(name = 'filler'): Promise<void> {
  const file = await open(join(place, name), 'a');
  try {
    for (;;) await file.write(Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    await file.close();
  }
}

const run = (...args: string[]): Promise<Ran> => terrarium(args, { env: environmentOf(join(place, 'home')) });

/** One line of what is wrong and one of what to do. */
function expectFull(ran: Ran, what: string, code: number = exitCodes.limit_exceeded): void {
  expect(ran).toEqual({
    code,
    stdout: '',
    stderr: `terrarium: The disk is full: ${what} could not be written.\nFree some space and try again.\n`,
  });
}

describe('a state folder on a full disk', () => {
  it('is told by every command that needs a host, and by serve', async () => {
    await fill();
    for (const args of [['ls'], ['ls', '--no-daemon'], ['serve']]) {
      expectFull(await run(...args), `the state folder ${join(place, 'home')}`);
    }
  });

  it('that becomes full keeps nobody from stopping and destroying what fills it', async () => {
    for (const name of ['one', 'two']) expect(await run('create', '--name', name)).toMatchObject({ code: 0 });
    await fill();
    expect(await run('stop', 'one')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('rm', 'one', 'two')).toMatchObject({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
    expect(await run('ls', '--json')).toMatchObject({ stdout: '[]\n' });
  });

  it('is told where nothing can be done without room, and what is there is still told', async () => {
    await run('create', '--name', 'there');
    await fill();
    // What was kept for such a case goes too.
    await rm(join(place, 'home/terrarium.db.reserve'));
    await fill('more');
    await until(
      async () => (await run('create', '--no-start')).code !== 0,
      () => fill('still-more'),
    );
    expectFull(await run('create'), 'what Terrarium keeps');
    expectFull(await run('run', '--', 'true'), 'what Terrarium keeps', 125);
    expect(JSON.parse((await run('ls', '--json')).stdout)).toMatchObject([{ name: 'there', state: 'running' }]);
    const elsewhere = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
    const local = join(elsewhere, 'local');
    await writeFile(local, 'x'.repeat(100_000));
    expectFull(await run('cp', local, 'there:file'), 'file');
    await rm(elsewhere, { recursive: true });
    for (const name of ['filler', 'more', 'still-more']) await rm(join(place, name), { force: true });
    // As soon as there is room it goes on, and has some kept again.
    expect(await run('create', '--name', 'later')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('rm', 'later', 'there')).toMatchObject({ code: 0 });
  });
});

/** Until `done`, makes it more so. */
async function until(done: () => Promise<boolean>, more: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 20 && !(await done()); tries += 1) await more();
}

describe('a target here on a full disk', () => {
  it('is told by cp, and nothing half is left', async () => {
    const env = environmentOf(await ownHome());
    const elsewhere = (...args: string[]) => terrarium(args, { env, cwd: place });
    await elsewhere('create', '--name', 'big', '--', 'sh', '-c', 'head -c 9000000 /dev/zero >file; exec sleep 1000');
    await elsewhere('exec', 'big', '--', 'sh', '-c', 'until [ "$(stat -c %s file)" = 9000000 ]; do :; done');
    expectFull(await elsewhere('cp', 'big:file', place), join(place, 'file'));
    expect(await readdir(place)).toEqual([]);
    await mkdir(join(place, 'folder'));
    expect(await elsewhere('cp', 'big:.', join(place, 'folder'))).toMatchObject({
      code: exitCodes.limit_exceeded,
      stderr: expect.stringMatching(/^terrarium: The disk is full: [^\n]+ could not be written\.\nFree some space/),
    });
    // What a shell has opened for it is another's.
    const out = join(place, 'out');
    for (const [command, code, target] of [
      ['cp big:file -', exitCodes.limit_exceeded, out],
      ['exec big -- cat file', 125, out],
      ['show big', exitCodes.limit_exceeded, '/dev/full'],
    ] as const) {
      const script = `'${process.execPath}' '${program}' ${command} >'${target}'`;
      const child = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      expect([(await once(child, 'close'))[0], stderr]).toEqual([
        code,
        'terrarium: The disk is full: what it says could not be written.\nFree some space and try again.\n',
      ]);
    }
    await elsewhere('rm', 'big');
  });
});

it('a sandbox’s own limit of disk space is told by cp', async () => {
  const env = environmentOf(join(place, 'home'));
  const spec = { engine: 'process', name: 'limited', limits: { diskBytes: 1024 * 1024 }, allowBestEffort: true };
  await writeFile(join(place, 'spec.json'), JSON.stringify(spec));
  await writeFile(join(place, 'large'), 'x'.repeat(1_100_000));
  expect(await terrarium(['create', '-f', 'spec.json'], { env, cwd: place })).toMatchObject({ code: 0, stderr: '' });
  expect(await terrarium(['cp', 'large', 'limited:large'], { env, cwd: place })).toEqual({
    code: exitCodes.limit_exceeded,
    stdout: '',
    stderr: 'terrarium: large would pass the sandbox’s limit of disk space.\nWrite less, or raise the limit.\n',
  });
  expect(await run('rm', 'limited')).toMatchObject({ code: 0 });
});
