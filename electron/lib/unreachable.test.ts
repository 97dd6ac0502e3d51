import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unreachable } from './unreachable.ts';

/** In no password file. */
const NOBODY_IN_PARTICULAR = 61_236;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-unreachable-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

const lookAt = (path: string) => stat(path).catch((error: unknown) => unreachable(error, path, 'place'));

it.each(['nowhere', 'file/below'])('says that there is no %s', async (name) => {
  await writeFile(join(folder, 'file'), '');
  expect(await lookAt(join(folder, name))).toMatchObject({
    code: 'invalid_input',
    message: `There is no file or folder ${join(folder, name)} on this machine`,
    details: { field: 'place' },
  });
});

it('says that a link leads back to itself', async () => {
  await symlink('round', join(folder, 'round'));
  expect(await lookAt(join(folder, 'round'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('leads back to itself'),
  });
});

it('says that this user may not look, which is not the same as missing', async () => {
  await mkdir(join(folder, 'secret'), { mode: 0o000 });
  // Nothing is closed to the administrator.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY_IN_PARTICULAR);
  try {
    expect(await lookAt(join(folder, 'secret/inside'))).toMatchObject({
      code: 'denied',
      message: expect.stringContaining('may not look at'),
    });
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
