import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { createManifestReader, manifestSchema, sandboxPaths, writeManifest } from './manifest.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrarium-manifest-'));
});
afterEach(() => rm(home, { recursive: true }));

async function write(id: string) {
  const paths = sandboxPaths(home, 'process', sandboxIdSchema.parse(id));
  await mkdir(paths.directory, { recursive: true });
  const spec = {
    name: 'a',
    engine: 'process',
    source: { type: 'empty' },
    network: { mode: 'full' },
    profile: 'trusted',
  };
  const times = { createdAt: 1, startedAt: null, stoppedAt: null };
  const manifest = {
    version: 1,
    owner: 'me',
    id,
    generation: 1,
    spec,
    workspace: home,
    mark: 1,
    state: 'ready',
    ...times,
  };
  await writeManifest(paths, manifestSchema.parse({ ...manifest, exit: null, main: null, boot: null }));
  return paths;
}

it('parses a file once, and again when it was let go of', async () => {
  const [stays, goes] = [await write('sbx_aaaaaaaaaaaa'), await write('sbx_bbbbbbbbbbbb')];
  const reader = createManifestReader('me');
  const before = [await reader.read(stays), await reader.read(goes)];
  expect(await reader.read(goes)).toBe(before[1]);
  reader.keepOnly(new Set([stays.manifest]));
  expect(await reader.read(stays)).toBe(before[0]);
  expect(await reader.read(goes)).not.toBe(before[1]);
});

it('parses a file again when it was replaced', async () => {
  const paths = await write('sbx_aaaaaaaaaaaa');
  const reader = createManifestReader('me');
  const before = await reader.read(paths);
  await write('sbx_aaaaaaaaaaaa');
  expect(await reader.read(paths)).not.toBe(before);
});
