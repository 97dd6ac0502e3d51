import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findProgram } from '../../../lib/executable.ts';
import { lacksProgram, listInside, type RunInside } from './commands.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-list-'));
  mkdirSync(join(folder, 'listed'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'listed/one'), 'x');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Here, with these programs and no others. */
function having(...programs: readonly string[]): RunInside {
  for (const name of programs) symlinkSync(pathOf(name), join(folder, 'bin', name));
  return ([program = '', ...args], { onOutput }) =>
    new Promise((resolve, reject) => {
      const env = { PATH: join(folder, 'bin'), LC_ALL: 'C' };
      execFile(join(folder, 'bin', program), args, { env, encoding: 'buffer' }, async (error, stdout, stderr) => {
        await onOutput?.(stdout);
        if (error && typeof error.code !== 'number') return reject(error);
        resolve({ exit: { code: Number(error?.code ?? 0), signal: null }, stderr: stderr.toString() } as never);
      });
    });
}
const pathOf = (name: string) => {
  const found = findProgram(name, { extra: [] });
  if (!found) throw new Error(`no ${name} on this machine`);
  return found;
};
const list = async (run: RunInside, path = join(folder, 'listed')) =>
  (await Array.fromAsync(listInside(run, path, new AbortController().signal))).flat();

it('lists, and says that an empty folder is empty', async () => {
  const run = having('sh', 'find', 'stat');
  expect(await list(run)).toMatchObject([{ name: 'one', type: 'file', size: 1 }]);
  rmSync(join(folder, 'listed/one'));
  expect(await list(run)).toEqual([]);
});

it.each(['stat', 'busybox'])('knows when within a second a file was written, by %s', async (program) => {
  const run = having('sh', 'find', program);
  if (program === 'busybox') symlinkSync('busybox', join(folder, 'bin/stat'));
  const time = new Date('2026-01-31T12:00:00.075Z');
  utimesSync(join(folder, 'listed/one'), time, time);
  expect(await list(run)).toMatchObject([{ name: 'one', modifiedAt: time.getTime() }]);
});

it.each([[['sh']], [['sh', 'find']]])('with no more than %s it lacks a program', async (programs) => {
  await expect(list(having(...programs))).rejects.toSatisfy(lacksProgram);
});

it('fails where a folder is not there, or may not be read', async (context) => {
  const run = having('sh', 'find', 'stat');
  await expect(list(run, join(folder, 'gone'))).rejects.toThrow(`${folder}/gone`);
  if (process.getuid?.() !== 0) context.skip('only root can be somebody else');
  // Entered it may be, by somebody else, but not read.
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  execFileSync('chmod', ['711', join(folder, 'listed')]);
  const asNobody: RunInside = (argv, options) => run(['setpriv', '--reuid=65534', '--clear-groups', ...argv], options);
  symlinkSync(pathOf('setpriv'), join(folder, 'bin/setpriv'));
  await expect(list(asNobody)).rejects.toMatchObject({ code: 'denied' });
  expect(readdirSync(join(folder, 'listed'))).toEqual(['one']);
});
