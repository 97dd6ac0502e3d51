import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, createConnection } from '../client/connection.ts';
import { waitFor } from '../testing/wait-for.ts';
import {
  environmentOf,
  onTerminal,
  ownHome,
  program,
  type Ran,
  terrarium as runTerrarium,
  stopHost,
} from './testing/terrarium.ts';

let home = '';
let host: Connection;

const environment = (folder = home) => environmentOf(folder);
const terrarium = (args: readonly string[], input = '', env = environment(), cwd = tmpdir()): Promise<Ran> =>
  runTerrarium(args, { env, input, cwd });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
  // The first command starts the host that the others talk to.
  expect(await terrarium(['ls', '--json'])).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  host = createConnection({ home });
  await host.connect();
});
afterAll(async () => {
  for (const { id, foreign } of await host.client.sandboxes.list({}))
    if (!foreign) await host.client.sandboxes.destroy({ id });
  host.close();
  await stopHost(home);
  await rm(home, { recursive: true });
});

describe('a sandbox from the command line', () => {
  it('is made, seen in the list by everybody, used, and destroyed', async () => {
    expect(
      await terrarium(['create', '--name', 'web', '--label', 'a=b', '--env', 'GIVEN=yes', '--', 'sleep', '1000']),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\w{12} {2}web {2}running\n$/),
    });
    const [sandbox] = (await host.client.sandboxes.list({})).filter(({ name }) => name === 'web');
    expect(sandbox).toMatchObject({ state: 'running', spec: { labels: { a: 'b' }, command: ['sleep', '1000'] } });
    const id = sandbox?.id ?? '';
    expect((await terrarium(['ls'])).stdout).toMatch(/^ID +NAME +ENGINE[^\n]*\n\w{12} +web +process +running/);
    expect(JSON.parse((await terrarium(['show', id.slice(4, 10)])).stdout)).toMatchObject({ id });

    const ran = await terrarium(['exec', 'web', '--', 'sh', '-c', 'echo "$GIVEN"; echo apart >&2; exit 7']);
    expect(ran).toEqual({ code: 7, stdout: 'yes\n', stderr: 'apart\n' });
    expect(await terrarium(['exec', '-i', 'web', 'cat'], 'grüße\n')).toEqual({
      code: 0,
      stdout: 'grüße\n',
      stderr: '',
    });
    const { stdout } = await terrarium(['exec', 'web', 'sh', '-c', 'head -c 300000 /dev/zero']);
    expect(stdout.length).toBe(300_000);

    for (const [command, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['stop', 'stopped'],
      ['start', 'running'],
    ] as const) {
      expect(await terrarium([command, 'web'])).toEqual({ code: 0, stdout: 'web\n', stderr: '' });
      expect(await host.client.sandboxes.get({ id })).toMatchObject({ state });
    }
    expect(await terrarium(['rm', 'web'])).toEqual({ code: 0, stdout: 'web\n', stderr: '' });
    expect((await host.client.sandboxes.list({})).map(({ name }) => name)).not.toContain('web');
  });

  it('is made of a spec in a file, options over it', async () => {
    const folder = join(home, 'specs');
    await mkdir(folder);
    const file = join(folder, 'spec.toml');
    await writeFile(
      file,
      'engine = "process"\nname = "from-file"\ncommand = ["sleep", "1000"]\n[env]\nA = "1"\nB = "1"\n',
    );
    const made = await terrarium(['create', '-f', file, '--name', 'renamed', '--env', 'B=2', '--no-start', '--json']);
    expect(JSON.parse(made.stdout)).toMatchObject({
      name: 'renamed',
      state: 'ready',
      spec: { env: { A: '1', B: '2' } },
    });
    await terrarium(['rm', 'renamed']);
  });

  it('lives as long as its command with run', async () => {
    const ran = await terrarium([
      'run',
      '--engine',
      'wasm',
      '--runtime',
      'quickjs',
      '--',
      'js',
      '-e',
      'console.log(6 * 7); std.exit(3)',
    ]);
    expect(ran).toEqual({ code: 3, stdout: '42\n', stderr: '' });
    expect((await host.client.sandboxes.list({})).filter(({ foreign }) => !foreign)).toEqual([]);
  });

  it('tells its log', async () => {
    await terrarium(['create', '--name', 'talks', '--', 'sh', '-c', 'echo one; echo two >&2; exec sleep 1000']);
    await waitFor('the log', async () => (await terrarium(['logs', 'talks'])).stderr === 'two\n');
    expect(await terrarium(['logs', 'talks'])).toMatchObject({ code: 0, stdout: 'one\n', stderr: 'two\n' });
    await terrarium(['rm', 'talks']);
  });
});

describe('wrong use is one clear line, and its code', () => {
  it.each([
    ['an unknown command', ['nonsense'], 2, /unknown command 'nonsense'/],
    ['an unknown option', ['ls', '--nonsense'], 2, /unknown option '--nonsense'/],
    ['a value that is none', ['create', '--memory', 'lots'], 2, /“lots” is not a size/],
    ['an engine that is none', ['create', '--engine', 'magic'], 2, /Allowed choices are process/],
    ['a spec that is not there', ['create', '-f', '/nonexistent.json'], 2, /nonexistent.json could not be read/],
    [
      'a sandbox that is not there',
      ['show', 'nothing'],
      3,
      /There is no sandbox “nothing”\nSee what there is: terrarium ls/,
    ],
    ['several, of which none is there', ['stop', 'a-one', 'b-one'], 3, /“a-one”.*“b-one”/s],
    ['a limit that the engine cannot hold', ['create', '--cpus', '1'], 5, /CPU|cpu/],
    ['exec in what is not there', ['exec', 'nothing', 'true'], 125, /There is no sandbox/],
    ['a terminal where there is none', ['run', '-t', '--', 'true'], 125, /There is no terminal here/],
  ])('%s', async (_name, args, code, words) => {
    const ran = await terrarium(args);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toMatch(words);
  });

  it('a command that runs too long', async () => {
    const ran = await terrarium(['run', '--timeout', '300ms', '--', 'sleep', '1000']);
    expect([ran.code, ran.stdout]).toEqual([125, '']);
    expect(ran.stderr).toContain('ran longer than 300 ms');
  });

  it('an escape sequence in a message is not obeyed', async () => {
    const { id } = await host.client.sandboxes.createAndWait({
      spec: { engine: 'process', source: { type: 'empty' }, name: 'plain' },
    });
    const { stderr } = await terrarium(['exec', 'plain', '--', 'nothing\x1b[31m']);
    expect(stderr).toContain('The program nothing');
    expect(stderr).not.toContain('\x1b');
    await host.client.sandboxes.destroy({ id });
  });
});

describe('on a terminal', () => {
  const open = (args: readonly string[]) => onTerminal([process.execPath, program, ...args], environment());
  const make = async (name: string) =>
    host.client.sandboxes.createAndWait({ spec: { engine: 'process', source: { type: 'empty' }, name } });

  it('exec -it has its keys, its size, a full-screen program, and the exit code', async () => {
    const { id } = await make('screen');
    const terminal = open(['exec', '-it', 'screen', '--', 'sh']);
    await waitFor('a prompt', async () => /[#$] $/.test(terminal.shown()));
    terminal.pty.write('stty size\r');
    await terminal.until('33 91');
    terminal.pty.resize(120, 40);
    await waitFor('the new size', async () => {
      terminal.pty.write('stty size\r');
      return terminal.shown().includes('40 120');
    });
    terminal.pty.write('seq 1 500 >file; less file\r');
    await terminal.until('\x1b[?1049h');
    terminal.pty.write('G');
    await terminal.until('(END)');
    terminal.pty.write('q');
    await terminal.until('\x1b[?1049l');
    // Said by what is to be ended, so that it is this which Ctrl+C meets.
    terminal.pty.write("sh -c 'echo go$((1+1)); exec sleep 1000'\r");
    await terminal.until('go2');
    terminal.pty.write('\x03');
    terminal.pty.write('echo back$((1+1)); exit 6\r');
    await terminal.until('back2');
    expect((await terminal.exited).exitCode).toBe(6);
    expect(await host.client.consoles.list({ sandboxId: id })).toEqual([]);
    await host.client.sandboxes.destroy({ id });
  });

  it('console attaches to one that is open, is left by Ctrl+P Ctrl+Q, and the console goes on', async () => {
    const { id } = await make('shared');
    const opened = await host.client.consoles.open({ sandboxId: id, command: ['sh'] });
    await host.client.consoles.write({ id: opened.id, data: 'kept=before\r' });
    const terminal = open(['console', 'shared', '--attach', opened.id]);
    await terminal.until('kept=before');
    terminal.pty.write('echo "<$kept>"\r');
    await terminal.until('<before>');
    terminal.pty.write('\x10\x11');
    expect((await terminal.exited).exitCode).toBe(0);
    expect(await host.client.consoles.list({ sandboxId: id })).toMatchObject([{ id: opened.id, exit: null }]);
    await host.client.sandboxes.destroy({ id });
  });

  it('Ctrl+C ends a command without a terminal of its own', async () => {
    const { id } = await make('interrupted');
    const terminal = open(['exec', 'interrupted', '--', 'sh', '-c', 'echo begun; exec sleep 1000']);
    await terminal.until('begun');
    terminal.pty.write('\x03');
    expect((await terminal.exited).exitCode).toBe(130);
    expect(await host.client.executions.list({ sandboxId: id })).toMatchObject([{ state: 'exited' }]);
    await host.client.sandboxes.destroy({ id });
  });
});

it('two first commands at once find one host, wherever the state folder is said to be from', async () => {
  const own = await ownHome();
  const folder = dirname(own);
  const relative = { ...environment(basename(own)), PWD: folder };
  const both = await Promise.all([
    terrarium(['ls', '--json'], '', environment(own)),
    terrarium(['ls', '--json'], '', relative, folder),
  ]);
  expect(both).toEqual([0, 1].map(() => ({ code: 0, stdout: '[]\n', stderr: '' })));
});

it('a reader that has seen enough leaves no sandbox behind', async () => {
  const script = `'${process.execPath}' '${program}' run -- sh -c 'while :; do echo y; done' | head -1`;
  const child = spawn('sh', ['-c', script], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  await once(child, 'close');
  expect(told).toBe('y\n');
  await waitFor('its sandbox to go', async () =>
    (await host.client.sandboxes.list({})).every(({ foreign }) => foreign),
  );
});

it('one process is host and client with --no-daemon, and Ctrl+C ends both in order', async () => {
  const own = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
  const ran = await terrarium(['run', '--no-daemon', '--', 'sh', '-c', 'echo alone; exit 4'], '', environment(own));
  expect(ran).toEqual({ code: 4, stdout: 'alone\n', stderr: '' });
  const child = spawn(
    process.execPath,
    [program, 'run', '--no-daemon', '--', 'sh', '-c', 'echo begun; exec sleep 1000'],
    {
      env: environment(own),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(await terrarium(['ls', '--json', '--no-daemon'], '', environment(own))).toMatchObject({ stdout: '[]\n' });
  await rm(own, { recursive: true });
});
