import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalSandbox } from '../local/launcher.ts';
import { sandboxPaths } from '../local/manifest.ts';
import { failedToStart } from './inside.ts';

let folder: string;
let sandbox: LocalSandbox;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-inside-'));
  const id = 'sbx_0123456789abcdef';
  sandbox = { id, paths: sandboxPaths(folder, 'namespace', id) } as LocalSandbox;
  await mkdir(sandbox.paths.logs, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('tells with its last words, and how it ended, why a sandbox could not be made', async () => {
  const { stderr, exit } = sandbox.paths;
  await writeFile(stderr, `${'an earlier run\n'.repeat(1000)}bwrap: Can't find source path\n`);
  await writeFile(exit, '1\n');
  expect((await failedToStart(sandbox, 'bubblewrap')).message).toBe(
    "The sandbox could not be made: bwrap: Can't find source path (exit code 1).",
  );
  await writeFile(exit, '137\n');
  expect((await failedToStart(sandbox, 'bubblewrap')).message).toContain('(SIGKILL)');
});

it('tells as well that nothing was said', async () => {
  expect((await failedToStart(sandbox, 'runsc')).message).toBe(
    'The sandbox could not be made: runsc said nothing (exit code unknown).',
  );
});
