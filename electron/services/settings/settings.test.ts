import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultConfig } from '../../../shared/model/config.ts';
import type { Log } from '../../lib/log.ts';
import { createSettings, type SettingsService } from './settings.ts';

let folder: string;
let path: string;
let settings: SettingsService | undefined;
const quiet = { warn: () => undefined } as unknown as Log;
const open = (): SettingsService => {
  settings = createSettings(path, quiet);
  return settings;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-settings-'));
  path = join(folder, 'config', 'config.toml');
});
afterEach(async () => {
  settings?.dispose();
  await rm(folder, { recursive: true });
});
const put = async (text: string) => {
  await mkdir(join(folder, 'config'), { recursive: true });
  await writeFile(path, text);
};

it('holds the defaults where there is no file, and makes one with the first change', async () => {
  const { get, set, problem } = open();
  expect(get()).toEqual(defaultConfig);
  expect(problem()).toBeNull();
  const state = await set({ machine: { sandboxes: 7 } });
  expect(state).toMatchObject({ config: { machine: { sandboxes: 7 } }, path, problem: null });
  expect(await readFile(path, 'utf8')).toContain('sandboxes = 7');
});

it('takes what is written by hand at once', async () => {
  const { get } = open();
  await put('[machine]\nsandboxes = 3\n');
  expect(get().machine.sandboxes).toBe(3);
  await put('[machine]\nsandboxes = 4\n');
  expect(get().machine.sandboxes).toBe(4);
  await rm(path);
  expect(get()).toEqual(defaultConfig);
});

it('tells of a change that nobody asked for', async () => {
  const { onChange, get } = open();
  const heard = new Promise<void>((resolve) => onChange(resolve));
  await put('[machine]\nsandboxes = 3\n');
  await heard;
  expect(get().machine.sandboxes).toBe(3);
});

it('starts with the defaults where the file is wrong, and says what is wrong', async () => {
  await put('[machine]\nsandboxes = "many"\n');
  const { get, problem, state, set } = open();
  expect(get()).toEqual(defaultConfig);
  expect(problem()).toBe(
    `The configuration in ${path} does not hold: line 2, machine.sandboxes: must be a whole number`,
  );
  expect(state().problem).toEqual({ line: 2, key: 'machine.sandboxes', message: 'must be a whole number' });
  await expect(set({ machine: { sandboxes: 3 } })).rejects.toMatchObject({ code: 'conflict' });
  expect(await readFile(path, 'utf8')).toBe('[machine]\nsandboxes = "many"\n');
});

it('goes on with what held before while the file is being written wrong', async () => {
  await put('[machine]\nsandboxes = 3\n');
  const { get, problem } = open();
  await put('[machine]\nsandboxes = \n');
  expect(get().machine.sandboxes).toBe(3);
  expect(problem()).toContain('line 2');
  await put('[machine]\nsandboxes = 5\n');
  expect(get().machine.sandboxes).toBe(5);
  expect(problem()).toBeNull();
});

it('writes through a link to where the file lies', async () => {
  await put('');
  const real = join(folder, 'dotfiles.toml');
  await writeFile(real, '# mine\n');
  await rm(path);
  await symlink(real, path);
  await open().set({ machine: { sandboxes: 2 } });
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(await readFile(real, 'utf8')).toBe('# mine\n\n[machine]\nsandboxes = 2\n');
});

it('makes what a link leads to that is not there yet', async () => {
  await put('');
  await rm(path);
  await symlink('../later.toml', path);
  await open().set({ machine: { sandboxes: 2 } });
  expect(await readlink(path)).toBe('../later.toml');
  expect(await readFile(join(folder, 'later.toml'), 'utf8')).toContain('sandboxes = 2');
});

it('leaves permissions as they are, and a file alone that nobody is to write to', async () => {
  await put('[machine]\nsandboxes = 3\n');
  await chmod(path, 0o600);
  const { set } = open();
  await set({ machine: { sandboxes: 4 } });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o444);
  await expect(set({ machine: { sandboxes: 5 } })).rejects.toMatchObject({ code: 'denied' });
  expect(await readFile(path, 'utf8')).toBe('[machine]\nsandboxes = 4\n');
});

it('a path that leads nowhere is told like a mistake, at the start and later', async () => {
  await put('[machine]\nsandboxes = 3\n');
  const first = open();
  await rm(path);
  await symlink('config.toml', path);
  expect(first.get().machine.sandboxes).toBe(3);
  expect(first.problem()).toContain('ELOOP');
  first.dispose();
  const { get, problem, set } = open();
  expect(get()).toEqual(defaultConfig);
  expect(problem()).toContain('ELOOP');
  await expect(set({ machine: { sandboxes: 4 } })).rejects.toThrow('ELOOP');
});

it('loses no change of several at once', async () => {
  const { set, get } = open();
  await Promise.all([
    set({ machine: { sandboxes: 2 } }),
    set({ ports: { first: 2000 } }),
    set({ retention: { events: 200 } }),
  ]);
  expect(get()).toMatchObject({ machine: { sandboxes: 2 }, ports: { first: 2000 }, retention: { events: 200 } });
});

it('does not wait for a file that is none', async () => {
  await mkdir(path, { recursive: true });
  const { get, problem } = open();
  expect(get()).toEqual(defaultConfig);
  expect(problem()).toContain('is no file');
});
