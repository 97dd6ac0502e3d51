import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findGvisor } from './find-gvisor.ts';

// A stand-in for runsc: real ones tell their version. What a real one finds is shown by electron/engines/namespace.
const STAND_IN = `#!/bin/sh
for each; do
  [ "$each" != run ] || exec echo 'ended 0'
done
echo 'no such option' >&2
exit 1
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-find-gvisor-'));
  await writeFile(join(folder, 'runsc'), STAND_IN, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('takes a program that runs sandboxes but does not tell its version', async () => {
  expect(await findGvisor()).toMatchObject({ program: join(folder, 'runsc'), version: null, lists: true });
});

it('tells why it cannot be tried, and does not throw', async () => {
  vi.stubEnv('TMPDIR', join(folder, 'missing'));
  expect(await findGvisor()).toMatchObject({ installed: true, reason: expect.stringContaining('ENOENT') });
});
