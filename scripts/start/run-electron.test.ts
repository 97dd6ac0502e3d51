import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runElectron } from './run-electron.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-run-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A shell script in the place of Electron's binary. */
async function program(script: string): Promise<string> {
  const file = join(folder, 'electron');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test('runs the app in the project folder and ends with its exit code', async () => {
  const file = await program(`[ "$1" = ${folder} ] && exit 3`);
  expect(await runElectron(file, folder)).toEqual({ ran: true, exitCode: 3 });
});

test('does not let an editor’s terminal turn Electron into a plain Node', async () => {
  vi.stubEnv('ELECTRON_RUN_AS_NODE', '1');
  const file = await program(`[ -z "$ELECTRON_RUN_AS_NODE" ]`);
  expect(await runElectron(file, folder)).toEqual({ ran: true, exitCode: 0 });
});

test.each([
  [
    'a missing library',
    'echo "electron: error while loading shared libraries: libnss3.so" >&2; exit 127',
    'libnss3.so',
  ],
  [
    'a sandbox that this machine forbids',
    'echo "[1:1/2:FATAL:x.cc(1)] No usable sandbox!" >&2; kill -TRAP $$',
    'No usable sandbox!',
  ],
  ['a crash without a word', 'kill -SEGV $$', 'SIGSEGV'],
])('%s is a reason, not an end', async (_, script, reason) => {
  const end = await runElectron(await program(script), folder);
  expect(end.ran ? '' : end.reason).toContain(reason);
});

test('a program that is not there is a reason too', async () => {
  expect(await runElectron(join(folder, 'nothing'), folder)).toMatchObject({ ran: false });
});

test('a signal is passed on, and the app ends in its own way', async () => {
  const file = await program(`trap 'exit 7' TERM; echo ready >&2; while :; do sleep 0.05; done`);
  const ready = new Promise<void>((resolve) => {
    vi.mocked(process.stderr.write).mockImplementation(() => {
      resolve();
      return true;
    });
  });
  const running = runElectron(file, folder);
  await ready;
  process.emit('SIGTERM', 'SIGTERM');
  expect(await running).toEqual({ ran: true, exitCode: 7 });
});
