import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLinuxProcTable } from '../../lib/proc-linux.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { sandboxPaths } from '../local/manifest.ts';
import { createGvisorLauncher } from './launcher.ts';
import { pathsOf } from './paths.ts';

// Stand-ins for runsc: a real one does not fail on demand. What a real one does is shown by electron/engines/namespace.

let folder: string;
let sandbox: LocalSandbox;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-gvisor-'));
  const id = 'sbx_0123456789abcdef';
  // This process stands for `runsc run`: it lives on.
  const main = { pid: process.pid, startTime: createLinuxProcTable().startTimeOf(process.pid) };
  sandbox = { id, paths: sandboxPaths(folder, 'namespace', id), manifest: { main } } as unknown as LocalSandbox;
  await mkdir(pathsOf(sandbox).folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function launcherWith(script: string) {
  const program = join(folder, 'runsc');
  await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const found = { program, platform: 'systrap', version: null, lists: true, cgroups: null, withoutCgroups: null };
  return createGvisorLauncher({ state: folder, gvisor: async () => found, startLimitMs: 200 });
}

it('does not wait for ever for a sandbox that never stands', async () => {
  const launcher = await launcherWith('echo "it is broken" >&2; exit 1');
  await expect(launcher.started?.(sandbox)).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('runsc made no sandbox'),
    hint: expect.any(String),
  });
  await writeFile(pathsOf(sandbox).created, '1');
  await expect(launcher.started?.(sandbox)).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('it is broken'),
  });
});

it('still ends programs of a sandbox that could not be paused', async () => {
  const launcher = await launcherWith(`for each; do
  case $each in
    state) echo '{"status": "running"}'; exit 0;;
    exec) touch ${join(folder, 'asked')}; exit 0;;
  esac
done
exit 1`);
  await mkdir(pathsOf(sandbox).state);
  await expect(launcher.pause?.(sandbox)).rejects.toThrow();
  expect(existsSync(pathsOf(sandbox).paused)).toBe(false);
  await launcher.endProgram?.(sandbox, 7);
  expect(existsSync(join(folder, 'asked'))).toBe(true);
});
