import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempts } from './attempts.ts';
import { createVictims, type Victims } from './victims.ts';

const run = promisify(execFile);
/** In no password file. */
const SOMEBODY = 61_244;
const identity = process.getuid?.() === 0 ? { uid: SOMEBODY, gid: SOMEBODY } : {};

/** What any user of this machine gets without a sandbox: an attempt that fails here too would show nothing. */
const succeedOutside = [
  'reads a file of the user’s by its path',
  'reads it through a link in the workspace',
  'reads it through its own root',
  'climbs out of the workspace',
  'finds keys in the user’s home',
  'finds disks',
  'sees a process of the host',
  'finds memory shared by its name',
  'attaches System V memory of the host',
  'connects to an abstract socket of the host',
  'connects to a server on the host’s loopback',
  'gains privileges from programs (set-user-ID, file capabilities)',
  'runs without a filter',
  'types into its terminal',
  'pastes into a virtual console',
];

describe.runIf(process.platform === 'linux')('the attempts, made by an ordinary user without a sandbox', () => {
  let victims: Victims;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-control-'));
    await chmod(folder, 0o777);
    victims = await createVictims('/nonexistent');
  });
  afterAll(async () => {
    await victims.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(succeedOutside)('%s', async (name) => {
    const attempt = attempts.find((each) => each.name === name);
    const { PATH = '' } = process.env;
    const options = { cwd: folder, env: { PATH, ...victims.env }, ...identity };
    await expect(run('/bin/sh', ['-c', attempt?.script ?? 'exit 9'], options)).resolves.toBeDefined();
  });
});

it('there are at least 40 attempts, each with a name of its own', () => {
  const names = attempts.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(new Set(names).size).toBe(names.length);
});
