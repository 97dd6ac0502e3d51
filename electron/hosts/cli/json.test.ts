import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes, FAILED_TO_RUN } from './exit-codes.ts';
import { asksForJson } from './failure.ts';
import { createProgram } from './program.ts';
import { onTerminal as onTerminalOf, program, type Ran, terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();

/** One JSON value and nothing else. */
function answerOf(ran: Ran): unknown {
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout);
}

/** What was told on stderr, an AppError a line. */
const told = ({ stderr }: Ran): unknown[] =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('--json', () => {
  it('of what acts on several is what became of each', async () => {
    const { id } = await bench.create({ name: 'acted-on' });
    for (const [command, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['stop', 'stopped'],
      ['start', 'running'],
      ['rebuild', 'running'],
    ] as const) {
      expect(answerOf(await bench.run(command, '--json', 'acted-on'))).toEqual([{ id, name: 'acted-on', state }]);
    }
    const { id: other } = await bench.create({ name: 'another' });
    const some = await bench.run('rm', '--json', 'acted-on', 'nothing', 'another', '--keep-workspace');
    const failure = {
      code: 'not_found',
      message: 'There is no sandbox “nothing”',
      hint: 'See what there is: terrarium ls',
    };
    expect(some.code).toBe(exitCodes.not_found);
    expect(JSON.parse(some.stdout)).toEqual([
      { id, name: 'acted-on', state: 'destroyed', keptWorkspace: expect.stringContaining('/') },
      { sandbox: 'nothing', error: failure },
      { id: other, name: 'another', state: 'destroyed', keptWorkspace: expect.stringContaining('/') },
    ]);
    expect(told(some)).toEqual([failure]);
  });

  it('of what removes by filter is what was removed', async () => {
    const { id } = await bench.create({ name: 'filtered' });
    const removed = { id, name: 'filtered', state: 'destroyed', keptWorkspace: null };
    expect(answerOf(await bench.run('rm', '--json', '--force', '--filter', 'name=filtered'))).toEqual([removed]);
    expect(answerOf(await bench.run('rm', '--json', '--force', '--filter', 'name=filtered'))).toEqual([]);
    expect(answerOf(await bench.run('prune', '--json', '--dry-run'))).toEqual({
      dryRun: true,
      removed: [],
      failed: [],
    });
  });

  it('of a copy is how much was copied, and what was not', async () => {
    await bench.create({ name: 'copied' });
    const folder = join(bench.home(), 'to-copy');
    await mkdir(folder);
    await writeFile(join(folder, 'file'), 'x'.repeat(1234));
    expect(answerOf(await bench.run('cp', '--json', join(folder, 'file'), 'copied:file'))).toEqual({
      bytes: 1234,
      leftOut: [],
    });
    await bench.run('exec', 'copied', '--', 'mkfifo', 'pipe');
    expect((await bench.run('exec', 'copied', '--', 'sh', '-c', `mkfifo '${folder}/pipe'`)).code).toBe(0);
    expect(answerOf(await bench.run('cp', '--json', folder, 'copied:all'))).toEqual({
      bytes: expect.any(Number),
      leftOut: [expect.stringContaining('pipe')],
    });
    expect((await bench.run('exec', 'copied', '--', 'cat', 'all/file')).stdout).toHaveLength(1234);
    const archive = await bench.run('cp', '--json', 'copied:file', '-');
    expect([archive.code, archive.stdout]).toEqual([exitCodes.invalid_input, '']);
    expect(told(archive)).toMatchObject([{ code: 'invalid_input', hint: 'Leave --json out.' }]);
  });

  it('of the others is what they found', async () => {
    const { id } = await bench.create({ name: 'looked-at' });
    const opened = await bench.client().consoles.open({ sandboxId: id, command: ['sh'] });
    expect(answerOf(await bench.run('console', '--json', '--list', 'looked-at'))).toMatchObject([{ id: opened.id }]);
    expect((await bench.run('console', '--list', 'looked-at')).stdout).toMatch(
      /^ID +TITLE +STATE\n\S+ +\S+ +running\n$/,
    );
    expect(answerOf(await bench.run('show', '--json', 'looked-at'))).toMatchObject({ id, name: 'looked-at' });
    const { port } = bench.host();
    const link = { port, url: expect.stringMatching(`^http://127.0.0.1:${port}/#token=`) };
    expect(answerOf(await bench.run('serve', '--json'))).toEqual(link);
    expect(answerOf(await bench.run('serve', '--json', '--detach'))).toEqual(link);
    expect((await bench.run('serve', '--detach')).stdout).toMatch(`http://127.0.0.1:${port}/#token=`);
  });

  it('of a command is how it ended and what it said, and its exit code is kept', async () => {
    await bench.create({ name: 'ran-in' });
    const script = 'cat; echo apart >&2; exit 3';
    const ran = await terrarium(['exec', '--json', 'ran-in', '--', 'sh', '-c', script], {
      env: bench.env(),
      input: 'grüße\n',
    });
    expect([ran.code, ran.stderr]).toEqual([3, '']);
    const exit = { code: 3, signal: null };
    const result = { state: 'exited', exitCode: 3, exit, stdout: 'grüße\n', stderr: 'apart\n', truncated: false };
    expect(JSON.parse(ran.stdout)).toEqual({ ...result, durationMs: expect.any(Number) });

    const killed = await bench.run('exec', '--json', '--timeout', '100ms', 'ran-in', '--', 'sleep', '1000');
    expect(JSON.parse(killed.stdout)).toMatchObject({ state: 'timeout', exitCode: null, stdout: '' });
    expect(killed.code).toBe(FAILED_TO_RUN);
    expect(told(killed)).toMatchObject([{ code: 'timeout' }]);
    const ids = async () => (await bench.client().sandboxes.list({})).map(({ id }) => id);
    const before = await ids();
    const once = await bench.run('run', '--json', '--env', 'A=b', '--', 'sh', '-c', 'echo "$A"');
    expect(answerOf(once)).toMatchObject({ exitCode: 0, stdout: 'b\n' });
    expect(await ids()).toEqual(before);
    // Behind the sandbox it is the command's.
    expect((await bench.run('exec', 'ran-in', 'echo', '--json')).stdout).toBe('--json\n');

    const missing = await bench.run('exec', '--json', 'ran-in', '--', '/no/such');
    expect([missing.code, missing.stdout]).toEqual([FAILED_TO_RUN, '']);
    expect(told(missing)).toMatchObject([{ code: 'invalid_input', message: expect.stringContaining('/no/such') }]);
    const own = await bench.run('exec', '-i', 'nothing', 'jq', '--json');
    expect(own.stderr).toMatch(/^terrarium: There is no sandbox/);
    const ownOfRun = await bench.run('run', '--engine', 'process', '--no-stdin', '/no/such', '--json');
    expect(ownOfRun.stderr).toMatch(/^terrarium: /);
    const terminal = await bench.run('exec', '--json', '-t', 'ran-in', '--', 'ls');
    expect(told(terminal)).toMatchObject([{ message: 'A terminal has no JSON', hint: 'Leave out -t or --json.' }]);
  });

  it('asks also for failures in JSON, wherever they are found', async () => {
    const unknown = await bench.run('ls', '--json', '--nonsense');
    expect([unknown.code, unknown.stdout]).toEqual([exitCodes.invalid_input, '']);
    expect(told(unknown)).toEqual([
      { code: 'invalid_input', message: "unknown option '--nonsense'", hint: '--help says more' },
    ]);
    const missing = await bench.run('show', '--json', 'nothing');
    expect([missing.code, missing.stdout]).toEqual([exitCodes.not_found, '']);
    expect(told(missing)).toMatchObject([{ code: 'not_found' }]);
    const refused = await bench.run('create', '--json', '--engine', 'process', '--cpus', '1');
    expect([refused.code, refused.stdout]).toEqual([exitCodes.unsupported, '']);
    expect(told(refused)).toMatchObject([{ code: 'unsupported' }]);
    const terminal = await bench.run('console', '--json', 'looked-at');
    expect(told(terminal)).toMatchObject([{ code: 'invalid_input', message: 'A terminal has no JSON' }]);
  });

  it('is what a command in a sandbox makes of it, where it is that command’s', () => {
    expect(asksForJson(['exec', 'web', '--json'])).toBe(false);
    expect(asksForJson(['run', '--', 'jq', '--json'])).toBe(false);
    expect(asksForJson(['run', '--timeout', '5s', 'jq', '--json'])).toBe(false);
    expect(asksForJson(['exec', '--timeout', '5s', '--json', 'web', 'ls'])).toBe(true);
    expect(asksForJson(['run', '--json', '--', 'ls'])).toBe(true);
    expect(asksForJson(['create', '--', 'jq', '--json'])).toBe(false);
    expect(asksForJson(['create', '--json', '--', 'jq'])).toBe(true);
  });

  it('is there for every command but those whose streams are another’s', () => {
    const without = createProgram('')
      .commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]))
      .filter(({ options }) => !options.some(({ long }) => long === '--json'))
      .map((command) => command.name());
    expect(without.filter((name) => !name.startsWith('__')).toSorted()).toEqual(['completion', 'mcp']);
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins what is looked for.
const COLOUR = /\x1b\[[\d;]*m/;

describe('colour', () => {
  // A build server's log has no colours either, by the variable CI.
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...coloured } = process.env;
  const env = (more: NodeJS.ProcessEnv = {}) => ({
    ...coloured,
    TERRARIUM_HOME: bench.home(),
    ...more,
  });

  it('is for a terminal, and not for one that wants none', async () => {
    const onTerminal = async (more: NodeJS.ProcessEnv) => {
      const terminal = onTerminalOf([process.execPath, program, 'doctor'], env(more));
      await terminal.exited;
      expect(terminal.shown()).toContain('process');
      return COLOUR.test(terminal.shown());
    };
    expect(await onTerminal({ TERM: 'xterm-256color' })).toBe(true);
    expect(await onTerminal({ TERM: 'xterm-256color', NO_COLOR: '1' })).toBe(false);
  });

  it('is not for a pipe', async () => {
    for (const args of [['doctor'], ['ls'], ['engines'], ['stats'], ['--help'], ['ls', '--nonsense']]) {
      const { stdout, stderr } = await terrarium(args, { env: env() });
      expect(`${stdout}${stderr}`).not.toContain('\x1b');
    }
  });
});
