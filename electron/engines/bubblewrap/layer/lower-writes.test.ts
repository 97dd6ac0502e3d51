import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from '../../../lib/files/folder.ts';
import { createPace } from '../../../lib/files/pace.ts';
import { removeAt } from '../../../lib/files/remove-at.ts';
import { putFile } from './lower-writes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-writes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MANY = 'mkdir tree; for i in $(seq 20); do mkdir tree/$i; (cd tree/$i && touch $(seq 30)); done';

it('removes a tree', async () => {
  execFileSync('sh', ['-c', MANY], { cwd: folder });
  using root = openFolder(folder);
  await removeAt(root, Buffer.from('tree'), createPace());
  expect(readdirSync(folder)).toEqual([]);
});

it('gives others their turn while it removes a tree, and ends when it is aborted', async () => {
  execFileSync('sh', ['-c', MANY], { cwd: folder });
  using root = openFolder(folder);
  const stop = new AbortController();
  setImmediate(() => stop.abort(new Error('enough')));
  await expect(removeAt(root, Buffer.from('tree'), createPace(stop.signal))).rejects.toThrow('enough');
  const left = readdirSync(join(folder, 'tree')).length;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(20);
});

it('tells why a file was not written, even where its draft cannot be removed', async () => {
  for (const side of ['from', 'to']) mkdirSync(join(folder, side));
  writeFileSync(join(folder, 'from/file'), 'x');
  using from = openFolder(join(folder, 'from'));
  using to = openFolder(join(folder, 'to'));
  const { signal } = new AbortController();
  // Called while the draft is there, which becomes what unlink(2) does not take.
  signal.throwIfAborted = () => {
    const [draft = ''] = readdirSync(join(folder, 'to'));
    rmSync(join(folder, 'to', draft));
    mkdirSync(join(folder, 'to', draft));
    throw new Error('enough');
  };
  const warned: string[] = [];
  const log = pino({}, { write: (line: string) => void warned.push(line) });
  const name = Buffer.from('file');
  const above = from.look(name);
  if (!above) throw new Error('no file to write');
  await expect(putFile(from, to, name, above, null, { signal, log })).rejects.toThrow('enough');
  expect(warned.join('')).toContain('remove the draft');
  expect(existsSync(join(folder, 'to/file'))).toBe(false);
});
