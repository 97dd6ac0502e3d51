import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from '../../../lib/files/folder.ts';
import { beginBase, MOST_REMEMBERED, readBase } from './base.ts';
import type { Layer } from './layer.ts';

let folder: string;
let layer: Layer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-base-'));
  const file = (name: string) => join(folder, name);
  layer = { folder, lower: file('lower'), upper: file('upper'), work: file('work'), merged: file('merged') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file that was made after the layer began. */
function there() {
  mkdirSync(layer.lower, { recursive: true });
  writeFileSync(join(layer.lower, 'file'), 'x');
  using lower = openFolder(layer.lower);
  const stats = lower.look(Buffer.from('file'));
  if (!stats) throw new Error('no file');
  return stats;
}
const record = (began: bigint) => writeFileSync(join(folder, 'base.json'), `{"began":"${began}","applied":[]}`);

it('goes by what has the path, not by the path', async () => {
  record(0n);
  const base = await readBase(layer);
  const stats = there();
  base.remember('a', stats);
  expect(base.isChanged('a', stats)).toBe(false);
  expect(base.isChanged('b', stats)).toBe(true);
  expect(base.isChanged('a', { ...stats, ctimeNs: stats.ctimeNs + 1n } as typeof stats)).toBe(true);
  expect(base.isChanged('a', { ...stats, ino: stats.ino + 1n } as typeof stats)).toBe(true);
});

it('remembers so many, the newest, and tells paths apart that are no UTF-8', async () => {
  record(0n);
  const stats = there();
  const base = await readBase(layer);
  for (const path of ['first', 'second', 'first', '\udcff']) base.remember(path, stats);
  for (let index = 3; index < MOST_REMEMBERED; index += 1) base.remember(String(index), stats);
  await base.save();
  const again = await readBase(layer);
  expect(['first', 'second', '\udcff'].map((path) => again.isChanged(path, stats))).toEqual([false, false, false]);
  again.remember('one more', stats);
  // It was told of again after the second.
  expect(['first', 'second', 'one more'].map((path) => again.isChanged(path, stats))).toEqual([false, true, false]);
  expect(again.isChanged('\udcfe', stats)).toBe(true);
});

it('keeps the moment when a layer began', async () => {
  const stats = there();
  record(stats.ctimeNs);
  await beginBase(layer, true);
  expect((await readBase(layer)).isChanged('file', stats)).toBe(false);
  record(stats.ctimeNs - 1n);
  await beginBase(layer, true);
  expect((await readBase(layer)).isChanged('file', stats)).toBe(true);
});
