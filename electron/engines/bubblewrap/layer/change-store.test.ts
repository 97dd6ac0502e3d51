import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalSandbox } from '../../local/launcher.ts';
import { createChangeStore } from './change-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unasked = () => Promise.reject(new Error('nothing was to be locked, killed or mounted'));

it('reads a change from the two folders alone, whatever else is done with the sandbox', async () => {
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'file'), 'one');
  const sandbox = {
    manifest: { workspace, spec: { filesystem: { overlay: true } } },
    paths: { directory: folder },
  } as LocalSandbox;
  const store = createChangeStore({ sandboxOf: () => Promise.resolve(sandbox), whileStopped: unasked }, unasked);
  expect(await store.read('it', 'file')).toEqual({ before: 'one', after: null, problem: null });
  mkdirSync(join(folder, 'layer/upper'), { recursive: true });
  writeFileSync(join(folder, 'layer/upper/file'), 'two');
  expect(await store.read('it', 'file')).toEqual({ before: 'one', after: 'two', problem: null });
});
