import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBeginning } from './read-beginning.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('gives the beginning of a file', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'abcdef');
  expect(await readBeginning(path, 100)).toBe('abcdef');
  expect(await readBeginning(path, 3)).toBe('abc');
  expect(await readBeginning(path, Number.MAX_SAFE_INTEGER)).toBe('abcdef');
});

it('does not wait for what never comes', async () => {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  expect(await readBeginning(path, 100)).toBeNull();
  expect(await readBeginning('/dev/zero', 100)).toBeNull();
  expect(await readBeginning(folder, 100)).toBeNull();
  expect(await readBeginning(join(folder, 'missing'), 100)).toBeNull();
});

it('does not take a lack of room for files of this process for a missing file', async () => {
  const path = join(folder, 'there');
  await writeFile(path, 'text');
  const script = `
    import { openSync } from 'node:fs';
    import { readBeginning } from ${JSON.stringify(new URL('read-beginning.ts', import.meta.url).href)};
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(await readBeginning(process.argv[1], 100).catch(({ code }) => code));
  `;
  const args = ['-c', 'ulimit -n 100; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script, path];
  expect((await promisify(execFile)('sh', args)).stdout).toBe('EMFILE\n');
});
