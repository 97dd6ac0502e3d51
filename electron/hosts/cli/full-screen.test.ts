import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readState } from '../server/state-file.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { waitFor } from '../testing/wait-for.ts';
import { environmentOf, onTerminal, ownHome, program, terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();

/** A shell that runs `terrarium` on its terminal, and says afterwards whether that is as it was. */
const SHELL = `
before=$(stty -g)
"$@"
code=$?
if [ "$(stty -g)" = "$before" ]; then echo "[modes kept, code $code]"; else echo "[modes changed, code $code]"; stty -a; fi`;
const inShell = (args: readonly string[], env = bench.env()) =>
  onTerminal(['sh', '-c', SHELL, 'sh', process.execPath, program, ...args], { ...env, TERM: 'xterm-256color' });

type Terminal = ReturnType<typeof inShell>;

/** DEC's private modes that what was written has left changed; shown cursor and wrapped lines are as usual. */
function leftOn(text: string): readonly string[] {
  const modes = new Map([
    ['25', 'h'],
    ['7', 'h'],
  ]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it begins what is looked for.
  for (const [, all = '', to = ''] of text.matchAll(/\x1b\[\?([\d;]+)([hl])/g)) {
    for (const mode of all.split(';')) modes.set(mode, to);
  }
  // Blinking, and a jump instead of smooth scrolling, are a matter of taste and set by less and vi on leaving.
  const usual = (mode: string) => (['25', '7'].includes(mode) ? 'h' : 'l');
  return [...modes].filter(([mode, to]) => !['12', '4'].includes(mode) && to !== usual(mode)).map(([mode]) => mode);
}

async function expectClean(terminal: Terminal, code: number): Promise<void> {
  await terminal.exited;
  expect(terminal.shown()).toContain(`[modes kept, code ${code}]`);
  expect(leftOn(terminal.shown())).toEqual([]);
}

/** Of the program `terrarium` that a shell runs, by its parent. */
async function terrariumOf(shell: number): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === shell) return Number(pid);
  }
  throw new Error('the shell runs nothing');
}

/** Takes the whole screen and hides the cursor, as full-screen programs do, and undoes nothing. */
const RUDE = ['sh', '-c', String.raw`printf '\033[?1049h\033[?25l\033[?1000h\033='; echo taken; exec sleep 1000`];

describe('a full-screen program', () => {
  it('less: its keys, another size while it runs, and a clean terminal after it', async () => {
    await bench.create({ name: 'reading' });
    const terminal = inShell([
      'exec',
      '-it',
      'reading',
      '--',
      'sh',
      '-c',
      'seq -f "line %g" 500 >file; exec less file',
    ]);
    await terminal.until('line 32');
    expect(terminal.shown()).not.toContain('line 33');
    terminal.pty.resize(91, 50);
    await terminal.until('line 49');
    expect(terminal.shown()).not.toContain('line 50');
    terminal.pty.write('/line 321\r');
    await terminal.until('line 369');
    terminal.pty.write('q');
    await expectClean(terminal, 0);
    expect(terminal.shown()).toContain('\x1b[?1049h');
  });

  it.for(['process', 'docker'] as const)('vi: its keys change a file, in %s', async (engine, ctx) => {
    const missing = engine === 'docker' ? await dockerMissing() : null;
    if (missing !== null) ctx.skip(missing);
    const name = `edited-${engine}`;
    await bench.create({
      name,
      engine,
      source: engine === 'docker' ? { type: 'image', reference: TEST_IMAGE } : { type: 'empty' },
      ...(engine === 'docker' ? { command: ['sleep', '1000'] } : {}),
    });
    const terminal = inShell(['exec', '-it', name, '--', 'vi', 'file']);
    await terminal.until('~');
    terminal.pty.write('ifirst');
    await terminal.until('first');
    terminal.pty.write('\x1b');
    // An Escape that is followed at once may be the beginning of a key. Busybox's says in which mode it is.
    if (engine === 'docker') await terminal.until('- file [Modified]');
    terminal.pty.resize(120, 20);
    terminal.pty.write('osecond');
    await terminal.until('second');
    const before = terminal.shown().length;
    terminal.pty.write('\x1b');
    // It draws what is new alone, here the sign of the mode.
    if (engine === 'docker') {
      await waitFor('vi to be back in its command mode', async () => terminal.shown().slice(before).includes('-'));
    }
    terminal.pty.write('kdd');
    terminal.pty.write(':wq\r');
    await expectClean(terminal, 0);
    expect(await bench.run('exec', name, '--', 'cat', 'file')).toEqual({ code: 0, stdout: 'second\n', stderr: '' });
    await bench.run('rm', name);
  });
});

describe('the terminal is clean after', () => {
  it('Ctrl+C, which ends a program that undoes nothing', async () => {
    await bench.create({ name: 'rude' });
    const terminal = inShell(['exec', '-it', 'rude', '--', ...RUDE]);
    await terminal.until('taken');
    terminal.pty.write('\x03');
    await expectClean(terminal, 130);
  });

  it.for([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s to terrarium itself', async ([signal, code]) => {
    const { id } = await bench.create({ name: `left-by-${signal}` });
    const terminal = inShell(['exec', '-it', `left-by-${signal}`, '--', ...RUDE]);
    await terminal.until('taken');
    process.kill(await terrariumOf(terminal.pty.pid), signal);
    await expectClean(terminal, code);
    // Nobody would ever see it again.
    expect(await bench.client().consoles.list({ sandboxId: id })).toEqual([]);
  });

  it('detaching from a console that goes on', async () => {
    const { id } = await bench.create({ name: 'attached' });
    const opened = await bench.client().consoles.open({ sandboxId: id, command: RUDE });
    const terminal = inShell(['console', 'attached', '--attach', opened.id]);
    await terminal.until('taken');
    terminal.pty.write('\x10\x11');
    await expectClean(terminal, 0);
    expect(await bench.client().consoles.list({ sandboxId: id })).toMatchObject([{ exit: null }]);
  });

  it('the host was killed; its death is told, and the sandbox lives on', async () => {
    const own = await ownHome();
    const env = environmentOf(own);
    await terrarium(['create', '--name', 'orphan'], { env });
    const terminal = inShell(['exec', '-it', 'orphan', '--', ...RUDE], env);
    await terminal.until('taken');
    process.kill((await readState(own))?.pid ?? 0, 'SIGKILL');
    await expectClean(terminal, 125);
    expect(terminal.shown()).toContain('connection to Terrarium’s host was lost');
    // Not on the screen that is left.
    expect(terminal.shown().lastIndexOf('\x1b[?1049l')).toBeLessThan(terminal.shown().indexOf('connection to'));
    expect(await terrarium(['rm', 'orphan'], { env })).toEqual({ code: 0, stdout: 'orphan\n', stderr: '' });
  }, 120_000);
});
