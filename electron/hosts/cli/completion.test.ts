import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeHome } from '../testing/host-process.ts';
import { waitFor } from '../testing/wait-for.ts';
import { shortId } from './find-sandbox.ts';
import { environmentOf, onTerminal, program, terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
let path = '';

beforeAll(async () => {
  // As it is installed: a program of that name in the PATH.
  const folder = join(bench.home(), 'bin');
  await mkdir(folder);
  const file = join(folder, 'terrarium');
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(file, 0o755);
  path = `${folder}:${process.env.PATH}`;
  await bench.create({ name: 'web-box' });
  await bench.create({ name: 'web $(touch hacked)' });
  await bench.create({ name: 'worker' }, false);
});

/** What bash's own machinery would put into the line, for words as bash cuts them. */
async function inBash(...words: string[]): Promise<readonly string[]> {
  const script = `source <(terrarium completion bash)
    COMP_WORDS=(terrarium "$@") COMP_CWORD=$#
    _terrarium; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const cwd = join(bench.home(), 'bin');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', ...words], {
    env: { ...bench.env(), PATH: path },
    cwd,
  });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('in bash', () => {
  it.each([
    ['commands', ['st'], ['stats', 'start', 'stop']],
    ['a command behind help', ['help', 'pru'], ['prune']],
    [
      'flags of the command',
      ['create', '--n'],
      ['--name', '--network', '--no-best-effort', '--no-start', '--no-daemon'],
    ],
    ['choices of a flag', ['create', '--engine', 'wa'], ['wasm']],
    ['choices behind =', ['create', '--network', '=', 'l'], ['loopback']],
    ['keys of a filter', ['ls', '--filter', 'st'], ['state=']],
    ['sandboxes by name', ['start', 'wo'], ['worker']],
    ['another of several', ['rm', 'worker', 'web-'], ['web-box']],
    ['behind a flag and its value', ['exec', '--timeout', '5s', '-i', 'wor'], ['worker']],
    ['nothing where there is only one', ['show', 'worker', 'w'], []],
    ['nothing of a command that is none', ['nonsense', ''], []],
    ['nothing of what the command inside is given', ['exec', 'worker', '--', 'w'], []],
    ['a side of a copy', ['cp', './file', 'wor'], ['worker:']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['what a shell would obey, quoted', ['stop', 'web\\ '], []],
    ['what a shell would obey, quoted', ['stop', 'web '], ['web\\ \\$\\(touch\\ hacked\\)']],
  ])('completes %s', async (_, words, expected) => {
    expect(await inBash(...words)).toEqual(expected);
  });

  it('knows ids, and the file beside it is never made by a name', async () => {
    const [first] = await bench.client().sandboxes.list({});
    const id = (first?.id ?? '').replace('sbx_', '');
    expect(await inBash('show', id.slice(0, 6))).toEqual([id.slice(0, 12)]);
    expect(await readdir(join(bench.home(), 'bin'))).toEqual(['terrarium']);
  });

  it('offers no name that would be a flag, but its id', async () => {
    const { id } = await bench.create({ name: '--all' }, false);
    try {
      const shown = await inBash('rm', '');
      expect(shown).toContain(shortId(id));
      expect(shown).toContain('worker');
      const sides = await inBash('cp', './file', shortId(id));
      expect(sides).toEqual([`${shortId(id)}:`]);
      expect(shown.filter((each) => each.startsWith('-'))).toEqual([]);
    } finally {
      await bench.client().sandboxes.destroy({ id });
    }
  });

  it('completes at a press of Tab', async () => {
    const terminal = onTerminal(['bash', '--norc', '--noprofile', '-i'], { ...bench.env(), PATH: path, PS1: '> ' });
    terminal.pty.write('source <(terrarium completion bash); echo ready$((1+1))\r');
    await terminal.until('ready2');
    terminal.pty.write('terrarium sta\t\t');
    await waitFor('both', async () => /start +stats|stats +start/.test(terminal.shown()));
    terminal.pty.write('rt work\t');
    await terminal.until('terrarium start worker ');
    terminal.pty.write('\x15exit\r');
    await terminal.exited;
  });
});

it('starts no host to know names, and fails in silence', async () => {
  const home = await makeHome();
  const ran = await terrarium(['__complete', '--', 'stop', ''], { env: environmentOf(home.path) });
  expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await readdir(home.path)).toEqual([]);
  await writeFile(join(home.path, 'host.json'), JSON.stringify({ pid: process.pid, port: 1, token: 'x' }));
  expect(await terrarium(['__complete', '--', 'stop', ''], { env: environmentOf(home.path) })).toEqual(ran);
  await home.remove();
});

it('is not among the commands that people see', async () => {
  const { stdout } = await bench.run('--help');
  expect(stdout).toContain('completion');
  expect(stdout).not.toContain('__complete');
});
