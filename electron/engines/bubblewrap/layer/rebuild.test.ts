import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from '../../../lib/files/folder.ts';
import { findInLayers } from './find-in-layers.ts';
import type { Layer } from './layer.ts';
import { type Part, partOf } from './part.ts';
import { finishRebuild, takeOut } from './rebuild.ts';

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

/** Without a mount: nothing is hidden but by a sign of its own. */
async function takeOutOf(part: Part) {
  using upper = openFolder(layer.upper);
  using lower = openFolder(layer.lower);
  await takeOut(layer, { upper, lower, merged: lower }, part);
}

it('gives others their turn while much is taken out', async () => {
  sh(
    'mkdir -p upper/dir lower/dir; cd upper/dir; mkdir $(seq 300); touch $(seq -f %g/gone 300) $(seq -f %g/stays 300)',
  );
  const folders = Array.from({ length: 300 }, (_, index) => `dir/${index + 1}/gone`);
  const seen = new Set<number>();
  let isOver = false;
  const look = () => {
    seen.add(existsSync(join(folder, 'next/dir')) ? readdirSync(join(folder, 'next/dir')).length : 0);
    if (!isOver) setImmediate(look);
  };
  look();
  await takeOutOf(partOf(folders));
  isOver = true;
  expect([...seen].some((count) => count > 0 && count < 300)).toBe(true);
  expect(sh('find upper -name gone | wc -l; find upper -name stays | wc -l').split('\n')).toEqual(['0', '300']);
});

it('takes out nothing that lies too deep, and loses nothing', async () => {
  const deep = `${'d/'.repeat(120)}file`;
  sh(`mkdir -p lower "upper/$(dirname ${deep})"; touch upper/${deep}`);
  await expect(takeOutOf(partOf([deep]))).rejects.toMatchObject({ code: 'limit_exceeded' });
  await finishRebuild(layer);
  expect(existsSync(join(layer.upper, deep))).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(['lower', 'upper']);
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
