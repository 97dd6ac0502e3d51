import { execFile as execFileWithCallback } from 'node:child_process';
import { mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { environmentOf, program, terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const execFile = promisify(execFileWithCallback);
const MIB = 1024 * 1024;
const bench = withHost();
const { run, client } = bench;
const file = () => join(bench.home(), 'config.toml');
afterEach(() => rm(file(), { force: true }));

const explained = async (...args: string[]) => {
  const { stdout } = await run('config', 'explain', '--json', ...args);
  const rows = JSON.parse(stdout) as readonly { key: string; value: unknown; from: string }[];
  return Object.fromEntries(rows.map(({ key, value, from }) => [key, [value, from]]));
};
const made = async (...args: string[]) => {
  const ran = await run('create', '--json', '--no-start', ...args);
  expect(ran.stderr).toBe('');
  const { id, spec } = JSON.parse(ran.stdout);
  await client().sandboxes.destroy({ id });
  return spec;
};

it('is read and changed by key, and keeps what else is in it', async () => {
  await writeFile(file(), '# mine\n[ports]\nlast = 20500 # enough\n');
  expect(await run('config', 'set', 'engines.docker.limits.memoryBytes', '512MiB')).toMatchObject({
    code: 0,
    stdout: `${file()}: engines.docker.limits.memoryBytes = 512 MiB\n`,
  });
  expect(await readFile(file(), 'utf8')).toContain('# mine\n[ports]\nlast = 20500 # enough\n');
  expect(await run('config', 'get', 'engines.docker.limits.memoryBytes')).toMatchObject({ stdout: `${512 * MIB}\n` });
  expect((await run('config', 'get')).stdout).toContain('ports.last = 20500\n');
  expect(await run('config', 'unset', 'engines')).toMatchObject({ code: 0 });
  expect(await run('config', 'get', 'engines.docker.limits.memoryBytes')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: 'terrarium: engines.docker.limits.memoryBytes is not set\n',
  });
  expect((await run('config', 'unset', 'engines')).stdout).toBe(`${file()}: engines was not there\n`);
  expect((await run('config', 'get', 'ports')).stdout).toBe('ports.first = 20000\nports.last = 20500\n');
  expect(await run('config', 'get', 'engines.docker.colour')).toMatchObject({
    code: 2,
    stderr:
      'terrarium: The configuration has no key “engines.docker.colour”\n' +
      'In engines.docker there is runtime, profile, network, limits, allowBestEffort, image.\n',
  });
  for (const nothing of ['1e400', 'null']) {
    expect(await run('config', 'set', 'ports.last', nothing)).toMatchObject({
      code: 2,
      stderr: `terrarium: “${nothing}” is no value for ports.last\nTo take a key out: terrarium config unset\n`,
    });
  }
  expect(await run('config', 'unset', 'ports.last.below')).toMatchObject({ code: 2 });
  expect(await run('config', 'set', 'ports', '1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a table'),
  });
  expect((await run('config', 'get', 'ports.last')).stdout).toBe('20500\n');
  expect(await run('config', 'set', 'ports.first', '80')).toMatchObject({
    code: 2,
    stderr: 'terrarium: ports.first: at least 1024\n',
  });
});

it('goes under a spec file, which goes under options, and explain tells of each', async () => {
  await writeFile(
    file(),
    '[engines.process]\nprofile = "trusted"\n\n[engines.process.limits]\nopenFiles = 100\nwallTimeMs = "1h"\nidleTimeMs = "30min"\n',
  );
  const spec = join(bench.home(), 'spec.yaml');
  await writeFile(spec, 'engine: process\nname: layers\nlimits:\n  openFiles: 200\n  wallTimeMs: 2h\n');
  const asked = ['-f', spec, '--time-limit', '3h'];
  expect((await made(...asked)).limits).toEqual({ openFiles: 200, wallTimeMs: 3 * 3_600_000, idleTimeMs: 30 * 60_000 });
  expect(await explained(...asked)).toMatchObject({
    engine: ['process', spec],
    name: ['layers', spec],
    source: [{ type: 'empty' }, 'default'],
    network: [{ mode: 'full' }, 'default'],
    profile: ['trusted', `${file()}:2`],
    'limits.openFiles': [200, spec],
    'limits.wallTimeMs': [3 * 3_600_000, 'command line'],
    'limits.idleTimeMs': [30 * 60_000, `${file()}:7`],
  });
  expect(await explained()).toMatchObject({
    'ports.first': [20_000, 'default'],
    'engines.process.limits.idleTimeMs': [30 * 60_000, `${file()}:7`],
    'machine.sandboxes': [null, 'not set'],
  });
});

it('does not take away what a spec says against it', async () => {
  await writeFile(file(), '[engines.process]\nallowBestEffort = true\n');
  const asked = ['--memory', '64MiB', '--name', 'effort'];
  expect(await made(...asked)).toMatchObject({ allowBestEffort: true });
  const spec = join(bench.home(), 'strict.yaml');
  await writeFile(spec, 'engine: process\nallowBestEffort: false\n');
  expect(await run('create', '-f', spec, ...asked)).toMatchObject({ code: 5 });
  expect(await run('create', '--engine', 'process', '--no-best-effort', ...asked)).toMatchObject({ code: 5 });
  expect(await explained('-f', spec)).toMatchObject({ allowBestEffort: [false, spec] });
});

it('reads a spec file once: it may be a pipe', async () => {
  const script = `exec "$0" "$1" config explain --json -f <(printf 'engine: process\\nenv: { A: "1" }\\n') --env B=2 --label a.b=c`;
  const { stdout } = await execFile('bash', ['-c', script, process.execPath, program], { env: bench.env() });
  const rows = JSON.parse(stdout) as readonly { key: string; value: unknown; from: string }[];
  expect(rows.find(({ key }) => key === 'env.A')?.from).toMatch(/^\/dev\/fd\//);
  expect(rows.find(({ key }) => key === 'env.B')?.from).toBe('command line');
  expect(rows.find(({ key }) => key === 'labels.a.b')).toMatchObject({ value: 'c', from: 'command line' });
});

it('is named where what it asks for cannot be held', async () => {
  await writeFile(file(), '[engines.process.limits]\nfuel = 5\n');
  const ran = await run('create', '--engine', 'process');
  expect(ran).toMatchObject({ code: 5 });
  expect(ran.stderr).toContain('(engines.process.limits.fuel in the configuration)');
});

it('does not touch what was made before', async () => {
  const { id, spec } = await bench.create({ name: 'older' });
  await writeFile(file(), '[engines.process.limits]\nopenFiles = 100\n');
  expect((await client().sandboxes.rebuild({ id })).spec).toEqual(spec);
  await client().sandboxes.destroy({ id });
});

describe('limits of the whole machine', () => {
  it('how many sandboxes there may be', async () => {
    const { id } = await bench.create({ name: 'only' }, false);
    await run('config', 'set', 'machine.sandboxes', '1');
    expect(await run('create', '--name', 'second')).toMatchObject({
      code: 8,
      stderr:
        'terrarium: The configuration allows 1 sandbox, and no more can be made\nDestroy some, or raise machine.sandboxes in the configuration.\n',
    });
    await client().sandboxes.destroy({ id });
    expect((await run('create', '--name', 'second', '--no-start')).code).toBe(0);
    expect((await run('rm', 'second')).code).toBe(0);
  });

  it('what memory those that run may have together, however many are started at once', async () => {
    await run('config', 'set', 'machine.memoryBytes', '100MiB');
    const asked = { limits: { memoryBytes: 40 * MIB }, allowBestEffort: true } as const;
    const all = await Promise.all(['a', 'b', 'c'].map((name) => bench.create({ name, ...asked }, false)));
    const started = await Promise.allSettled(all.map(({ id }) => client().sandboxes.start({ id })));
    expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const refused = all.filter((_, index) => started[index]?.status === 'rejected');
    for (const { id } of refused) {
      // A refusal is no failure of the sandbox.
      expect(await client().sandboxes.get({ id })).toMatchObject({ state: 'ready', error: null });
      await expect(client().sandboxes.start({ id })).rejects.toMatchObject({ code: 'limit_exceeded' });
    }
    const [first] = all.filter((_, index) => started[index]?.status === 'fulfilled');
    await client().sandboxes.stop({ id: first?.id ?? '' });
    for (const { id } of refused) expect(await client().sandboxes.start({ id })).toMatchObject({ state: 'running' });
    expect(await run('create', '--name', 'unbounded')).toMatchObject({ code: 2 });
    for (const { id } of all) await client().sandboxes.destroy({ id });
  });
});

it('a file with a mistake: defaults hold, and everybody who asks is told line, key and what was expected', async () => {
  await using other = await mkdtempDisposable(join(tmpdir(), 'terrarium-wrong-'));
  const wrongFile = join(other.path, 'config.toml');
  await writeFile(wrongFile, '[ports]\n\nfirst = "low"\n');
  const alone = (...args: string[]) => terrarium([...args, '--no-daemon'], { env: environmentOf(other.path) });
  const ran = await alone('config', 'get', 'ports.first');
  expect(ran).toMatchObject({ code: 0, stdout: '20000\n' });
  expect(ran.stderr).toContain(`${wrongFile}:3: ports.first: must be a whole number`);
  const doctor = await alone('doctor');
  expect(doctor.stderr).toContain(
    `The configuration in ${wrongFile} does not hold: line 3, ports.first: must be a whole number`,
  );
  expect(await alone('config', 'set', 'ports.last', '30000')).toMatchObject({ code: 4 });
});

describeUnless(await dockerMissing(), 'defaults of docker', () => {
  it('give an image, a network and limits to who names none', async () => {
    await writeFile(
      file(),
      `[engines.docker]\nimage = "${TEST_IMAGE}"\nnetwork = "none"\nlimits = { memoryBytes = "64MiB" }\n`,
    );
    expect(await made('--engine', 'docker')).toMatchObject({
      source: { type: 'image', reference: TEST_IMAGE },
      network: { mode: 'none' },
      limits: { memoryBytes: 64 * MIB },
    });
    await rm(file());
    const ran = await run('create', '--engine', 'docker');
    expect(ran).toMatchObject({ code: 5 });
    expect(ran.stderr).toContain('cannot start from an empty workspace, only from an image');
  });
});
