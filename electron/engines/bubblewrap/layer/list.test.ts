import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from '../../../lib/files/folder.ts';
import { LIST_BOUNDS, type ListBounds, listChanges } from './list.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-list-'));
});
// Not by Node, which takes no path as long as some that are made here.
afterEach(() => execFileSync('rm', ['-rf', folder]));

/** Without a mount: what hides something has a sign of its own, or nothing is hidden. */
async function list(script: string, bounds: Partial<ListBounds> = {}, isChanged = (_path: string) => false) {
  execFileSync('sh', ['-c', `mkdir upper lower; ${script}`], { cwd: folder });
  using upper = openFolder(join(folder, 'upper'));
  using lower = openFolder(join(folder, 'lower'));
  return listChanges({ upper, lower, merged: lower }, { isChanged }, { ...LIST_BOUNDS, ...bounds });
}
const MANY = 'for name in a b c d e; do echo $name >upper/$name; done';

it('ends where there are more than may be told', async () => {
  const { changes, truncated } = await list(MANY, { changes: 3 });
  expect([changes.length, truncated]).toEqual([3, true]);
});

it('is whole where there are just as many', async () => {
  const { changes, truncated } = await list(MANY, { changes: 5 });
  expect([changes.length, truncated]).toEqual([5, false]);
});

it('ends where too much would have to be looked at', async () => {
  expect((await list(MANY, { looked: 2 })).truncated).toBe(true);
});

it('ends where its text would be too long, that of links too', async () => {
  const link = 'ln -sfn "$(printf %0100d 0)" upper/link';
  expect((await list(link, { text: 100 })).truncated).toBe(true);
  rmSync(join(folder, 'upper'), { recursive: true });
  rmSync(join(folder, 'lower'), { recursive: true });
  expect((await list(link, { text: 120 })).truncated).toBe(false);
});

it('counts text as it is told, with its escapes', async () => {
  const script = `touch "upper/$(printf '\\001%.0s' $(seq 20))"`;
  expect((await list(script, { text: 100 })).truncated).toBe(true);
});

it('leaves out what has too long a path, and says so', async () => {
  const deep = `${'x'.repeat(250)}/`.repeat(9);
  const { changes, truncated } = await list(
    `mkdir -p upper/${deep} other/${deep}; mv other upper/${deep}; touch upper/z`,
  );
  // Nine folders, the one that was moved, seven below it, and the file.
  expect(changes.length).toBe(18);
  expect(changes.at(-1)?.path).toBe('z');
  expect(truncated).toBe(true);
});

it('compares what may be the same up to a bound, and then calls it changed', async () => {
  const same = `${MANY}; cp upper/* lower`;
  expect((await list(same)).changes).toEqual([]);
  rmSync(join(folder, 'upper'), { recursive: true });
  rmSync(join(folder, 'lower'), { recursive: true });
  expect((await list(same, { compareBytes: 6 })).changes.length).toBe(2);
});

it('finds a change behind times that were set back', async () => {
  const { changes } = await list('echo aa >lower/f; echo bb >upper/f; touch -r lower/f upper/f');
  expect(changes).toEqual([
    { path: 'f', kind: 'modified', type: 'file', size: 3, target: null, changedOutside: false },
  ]);
});

it('looks for what was changed outside in folders that would be gone too, and takes what it cannot look at for that', async () => {
  const script = 'mkdir -p lower/gone/in lower/kept/in; touch lower/gone/in/file lower/kept/in/file; touch upper/gone';
  const flagged = async (bounds: Partial<ListBounds>, changed: string) => {
    const { changes } = await list(script, bounds, (path) => path === changed);
    rmSync(join(folder, 'upper'), { recursive: true });
    rmSync(join(folder, 'lower'), { recursive: true });
    return changes.map(({ path, changedOutside }) => `${path} ${changedOutside}`);
  };
  expect(await flagged({}, '')).toEqual(['gone false']);
  expect(await flagged({}, 'gone/in/file')).toEqual(['gone true']);
  expect(await flagged({}, 'kept/in/file')).toEqual(['gone false']);
  expect(await flagged({ below: 2 }, '')).toEqual(['gone false']);
  expect(await flagged({ below: 1 }, '')).toEqual(['gone true']);
});
