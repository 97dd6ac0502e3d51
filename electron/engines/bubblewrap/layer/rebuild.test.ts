import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findInLayers } from './find-in-layers.ts';
import type { Layer } from './layer.ts';
import { finishRebuild } from './rebuild.ts';

let folder: string;
let layer: Layer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-layer-'));
  const file = (name: string) => join(folder, name);
  layer = { folder, lower: file('lower'), upper: file('upper'), work: file('work'), merged: file('merged') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder }).toString().trim();
const plan = (value: object) => writeFileSync(join(folder, 'rebuild.json'), JSON.stringify(value));

const PLAN = {
  moves: ['a', 'dir/b', 'dir/c'],
  modes: [
    ['dir', 0o711],
    ['.', 0o755],
  ],
};
const DONE = ['a', 'dir', 'dir/b', 'dir/c'];

/** A host can be killed between any two of these. */
it.each([
  ['nothing was moved yet', 'mkdir -p upper/dir next/dir; touch upper/a upper/gone upper/dir/b upper/dir/c'],
  ['a part was moved', 'mkdir -p upper/dir next/dir; touch next/a upper/gone next/dir/b upper/dir/c'],
  ['all was moved', 'mkdir -p upper/dir next/dir; touch next/a upper/gone next/dir/b next/dir/c; chmod 711 next/dir'],
  ['the old one was set aside', 'mkdir -p old/dir next/dir; touch next/a old/gone next/dir/b next/dir/c'],
  [
    'the new one was put in its place',
    'mkdir -p upper/dir old; touch upper/a upper/dir/b upper/dir/c; chmod 711 upper/dir',
  ],
])('what a dead host has begun is finished when %s', async (_when, script) => {
  sh(script);
  plan(PLAN);
  await finishRebuild(layer);
  expect(sh('cd upper && find . -mindepth 1 -printf "%P\\n" | sort').split('\n')).toEqual(DONE);
  expect(sh('stat -c %a upper/dir')).toBe('711');
  expect(readdirSync(folder)).toEqual(['upper']);
  await finishRebuild(layer);
  expect(readdirSync(folder)).toEqual(['upper']);
});

it('what was only prepared is forgotten', async () => {
  sh('mkdir -p upper/dir next/dir; touch upper/a; mknod whiteout p');
  await finishRebuild(layer);
  expect(readdirSync(folder)).toEqual(['upper']);
  expect(readdirSync(layer.upper)).toEqual(['a', 'dir']);
});

it('tells what lies behind a path of both layers, and that a link hides what is below', () => {
  const lower = join(folder, 'below');
  sh('mkdir -p below/dir/in upper/dir; touch below/dir/in/file below/file upper/dir/new; ln -s /etc upper/link');
  mkdirSync(join(lower, 'link'));
  const find = (path: string) => findInLayers(layer.upper, lower, path.split('/'));
  expect(find('dir/in/file')).toBe(join(lower, 'dir/in/file'));
  expect(find('dir/new')).toBe(join(layer.upper, 'dir/new'));
  expect(find('link')).toBe(join(layer.upper, 'link'));
  expect(find('link/passwd')).toBeNull();
});
