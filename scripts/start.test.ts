import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from './lib/command.ts';

const start = (...args: readonly string[]) =>
  runCommand(process.execPath, [join(import.meta.dirname, 'run.mjs'), 'start', ...args]);

test('an option that does not exist is refused by name, with those that do', async () => {
  const { code, stderr } = await start('--wbe');
  expect(code).toBe(2);
  expect(stderr).toContain("'--wbe'");
  expect(stderr).toContain('--web');
});

test('--help builds and starts nothing', async () => {
  const { code, stdout } = await start('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('--no-open');
  expect(stdout).not.toContain('Built');
});
