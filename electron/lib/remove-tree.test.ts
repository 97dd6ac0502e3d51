import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTree } from './remove-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-remove-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder });

it.each([
  ['a file', 'echo x >tree'],
  ['a link, and not what it leads to', 'ln -s ../kept tree'],
  ['a folder with links in it, and not what they lead to', 'mkdir -p tree/a; ln -s "$PWD/kept" tree/a/link'],
  [
    'folders that nobody may enter',
    'mkdir -p tree/a/b/c; echo x >tree/a/b/c/f; chmod 0 tree/a/b/c tree/a/b tree/a tree',
  ],
  ['pipes and names that are no UTF-8', `mkdir tree; mkfifo tree/pipe; touch "tree/$(printf '\\377\\n')"`],
  ['nothing', 'true'],
])('removes %s', async (_what, script) => {
  sh(`mkdir kept; echo mine >kept/file; ${script}`);
  await removeTree(join(folder, 'tree'));
  expect(existsSync(join(folder, 'tree'))).toBe(false);
  expect(readFileSync(join(folder, 'kept/file'), 'utf8')).toBe('mine\n');
});

it('removes what lies deeper than a path can be long', async () => {
  for (let depth = 0; depth < 50; depth += 1) {
    mkdirSync(join(folder, 'outer'));
    if (depth > 0) renameSync(join(folder, 'tree'), join(folder, 'outer', 'n'.repeat(200)));
    renameSync(join(folder, 'outer'), join(folder, 'tree'));
  }
  await removeTree(join(folder, 'tree'));
  expect(existsSync(join(folder, 'tree'))).toBe(false);
});
