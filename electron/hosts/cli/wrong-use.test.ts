import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHome } from '../home.ts';
import { readState } from '../server/state-file.ts';
import { makeHome } from '../testing/host-process.ts';
import { waitFor } from '../testing/wait-for.ts';
import { exitCodes, FAILED_TO_RUN } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { environmentOf, ownHome, type Ran, terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

/** As little as each command takes to be meant; `nothing` is no sandbox. */
const uses: Readonly<Record<string, readonly string[]>> = {
  create: [],
  run: ['--', 'true'],
  exec: ['nothing', '--', 'true'],
  console: ['nothing'],
  cp: ['nothing:/tmp/a', './a'],
  ls: [],
  show: ['nothing'],
  logs: ['nothing'],
  stats: ['nothing'],
  start: ['nothing'],
  stop: ['nothing'],
  pause: ['nothing'],
  resume: ['nothing'],
  rebuild: ['nothing'],
  rm: ['nothing'],
  prune: ['--force'],
  engines: [],
  doctor: [],
  serve: [],
  open: ['nothing'],
  completion: ['bash'],
  config: ['get'],
  mcp: [],
};
const commands = Object.keys(uses);
const withSandbox = commands.filter((name) => (uses[name] ?? []).some((word) => word.startsWith('nothing')));
/** They need a host, and start or find one by the state folder. */
const withHostBeside = commands.filter((name) => !['serve', 'completion'].includes(name));

/** They end with their command's code, and so with another one of their own. */
const codeOf = (command: string, code: number) => (['exec', 'run'].includes(command) ? FAILED_TO_RUN : code);

const bench = withHost();
let badToken: Awaited<ReturnType<typeof makeHome>>;
beforeAll(async () => {
  badToken = await makeHome();
  const state = await readState(bench.home());
  // The pid and the port of a host that runs, and a token that is not its own.
  await writeFile(join(badToken.path, 'host.json'), JSON.stringify({ ...state, token: 'x'.repeat(43) }));
});
afterAll(() => badToken.remove());

/** One line of what is wrong and one of what to do, and nothing where a program would look for an answer. */
function expectTold(ran: Ran, code: number, wrong: RegExp, hint: RegExp): void {
  expect(ran).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^terrarium: [^\n]+\n[^\n]+\n$/) });
  const [first = '', second = ''] = ran.stderr.split('\n');
  expect(first).toMatch(wrong);
  expect(second).toMatch(hint);
}

it('is tried with every command', () => {
  const program = createProgram('');
  const known = program
    .createHelp()
    .visibleCommands(program)
    .map((each) => each.name());
  expect(known.filter((name) => name !== 'help').toSorted()).toEqual(commands.toSorted());
});

describe.concurrent('a wrong flag', () => {
  it.each(commands)('%s', async (command) => {
    const ran = await bench.run(command, '--nonsense', ...(uses[command] ?? []));
    expectTold(ran, codeOf(command, exitCodes.invalid_input), /unknown option '--nonsense'$/, /--help/);
  });
});

describe.concurrent('a sandbox that is not there', () => {
  it.each(withSandbox)('%s', async (command) => {
    const ran = await bench.run(command, ...(uses[command] ?? []));
    expectTold(ran, codeOf(command, exitCodes.not_found), /There is no sandbox “nothing”$/, /terrarium ls$/);
  });
});

describe.concurrent('a token that is wrong', () => {
  it.each(withHostBeside)('%s', async (command) => {
    const ran = await terrarium([command, ...(uses[command] ?? [])], { env: environmentOf(badToken.path) });
    expectTold(ran, codeOf(command, exitCodes.denied), /does not accept the token/, /host\.json/);
  });
});

describe.concurrent('a host that is down and cannot be started', () => {
  let home: Awaited<ReturnType<typeof makeHome>>;
  beforeAll(async () => {
    home = await makeHome();
    await writeFile(join(home.path, 'loaded.mjs'), '');
  });
  afterAll(() => home.remove());

  it.each(withHostBeside)('%s', async (command) => {
    // Only where a command runs is there what each Node is to load: the host, which runs elsewhere, ends before it has
    // loaded anything, which would be most of the time that this takes.
    const env = { ...environmentOf(home.path), NODE_OPTIONS: '--import ./loaded.mjs' };
    const ran = await terrarium([command, ...(uses[command] ?? [])], { env, cwd: home.path });
    expectTold(ran, codeOf(command, exitCodes.disconnected), /host could not be started$/, /terrarium serve$/);
  });

  it('for what its state folder is: whoever cannot use it says why', async () => {
    const env = environmentOf('/dev/null/nowhere');
    for (const args of [['ls'], ['serve'], ['ls', '--no-daemon']]) {
      const ran = await terrarium(args, { env });
      expectTold(ran, exitCodes.denied, /state folder \/dev\/null\/nowhere cannot be used: ENOTDIR/, /TERRARIUM_HOME/);
    }
  });
});

/** In no password file. */
const NOBODY_IN_PARTICULAR = 61_237;

describe.concurrent('no permission', () => {
  const isRoot = process.getuid?.() === 0;
  let own: Awaited<ReturnType<typeof makeHome>>;
  beforeAll(async () => {
    own = await makeHome();
    await chmod(own.path, 0o755);
  });
  afterAll(() => own.remove());
  const asUser = (args: readonly string[], home: string) =>
    terrarium(args, { env: environmentOf(home), uid: NOBODY_IN_PARTICULAR });

  it.for(withHostBeside)('for the state folder of a host that another user runs: %s', async (command, ctx) => {
    if (!isRoot) ctx.skip('only root can try it as another user');
    const ran = await asUser([command, ...(uses[command] ?? [])], bench.home());
    expectTold(
      ran,
      codeOf(command, exitCodes.denied),
      /^terrarium: The state folder .* belongs to another user/,
      /TERRARIUM_HOME/,
    );
  });

  it.for(['ls', 'serve', 'ls --no-daemon'])('to write into a state folder: %s', async (line, ctx) => {
    if (!isRoot) ctx.skip('only root can try it as another user');
    const ran = await asUser(line.split(' '), own.path);
    expectTold(ran, exitCodes.denied, /state folder .* cannot be used: /, /TERRARIUM_HOME/);
  });
});

it('a host that is ending is waited for, and another one started', async () => {
  const home = await ownHome();
  const { release } = openHome(home);
  const listing = terrarium(['ls'], { env: environmentOf(home) });
  await waitFor('a host to be tried', async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const hosts = await Promise.all(
      pids.map(async (pid) => {
        const [command = '', environment = ''] = await Promise.all(
          ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
        );
        return command.includes('web/main.ts') && environment.includes(`TERRARIUM_HOME=${home}\0`);
      }),
    );
    return hosts.includes(true);
  });
  release();
  expect(await listing).toMatchObject({ code: 0, stderr: '' });
});

it('a damaged state file is as good as none', async () => {
  const home = await ownHome();
  await writeFile(join(home, 'host.json'), 'not what it should be');
  const ran = await terrarium(['ls', '--json'], { env: environmentOf(home) });
  expect(ran).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

it('serve shows the link of the host that runs, and keeps its port', async () => {
  const shown = await bench.run('serve');
  expect(shown).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`http://127.0.0.1:${bench.host().port}/#token=`),
  });
  const other = await bench.run('serve', '--port', '1');
  expect(other.code).toBe(exitCodes.invalid_input);
  expect(other.stderr).toBe(`terrarium: Its port stays ${bench.host().port}\nTo have 1, stop it first.\n`);
});
