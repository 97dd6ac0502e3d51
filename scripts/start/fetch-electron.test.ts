import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchElectron } from './fetch-electron.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-fetch-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs an installer made of these lines, as Electron's own is run. */
async function run(script: string, stallMs = 20_000): Promise<{ readonly problem: string | null; begun: number }> {
  const installer = join(folder, 'install.cjs');
  const target = join(folder, 'dist');
  await writeFile(installer, `const fs = require('fs'); const target = ${JSON.stringify(target)};\n${script}`);
  let begun = 0;
  const onBegin = () => {
    begun++;
  };
  const problem = await fetchElectron({ installer, temporary: join(folder, 'tmp'), target, stallMs, onBegin });
  return { problem, begun };
}

test('a download that comes through', async () => {
  const { problem } = await run(`fs.mkdirSync(target); fs.writeFileSync(target + '/electron', 'x');`);
  expect(problem).toBeNull();
  expect(existsSync(join(folder, 'dist/electron'))).toBe(true);
});

test('a server that cannot be reached is said in one line, at once', async () => {
  const { problem, begun } = await run(`console.error('TypeError: fetch failed\\n    at x'); process.exit(1);`);
  expect(problem).toBe('Electron could not be downloaded (its server cannot be reached)');
  expect(begun).toBe(0);
});

test('a server that refuses is quoted', async () => {
  const { problem } = await run(`console.error('HTTPError: Response code 404 (Not Found)'); process.exit(1);`);
  expect(problem).toContain('Response code 404 (Not Found)');
});

test('a server that says nothing is given up, and nothing is left running or lying about', async () => {
  const pidFile = join(folder, 'pid');
  const { problem } = await run(
    `fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
    1500,
  );
  expect(problem).toContain('did not get on for 1.5 s');
  expect(existsSync(join(folder, 'tmp'))).toBe(false);
  const pid = Number(await readFile(pidFile, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a slow download is not a stalled one, and is announced once', async () => {
  const { problem, begun } = await run(
    `let n = 0; const file = process.env.TMPDIR + '/part';
     setInterval(() => { fs.appendFileSync(file, 'x'); if (++n === 20) process.exit(0); }, 150);`,
    2000,
  );
  expect(problem).toBeNull();
  expect(begun).toBe(1);
});
