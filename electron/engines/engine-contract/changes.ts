import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, run, sh } from './fixture.ts';

/** A folder of the user's, and a sandbox whose writes to it are kept apart. */
export function changeCases(fixture: Fixture): void {
  const { engine, capabilities } = fixture;
  const { changes } = engine;
  const { support } = capabilities.features.overlay;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-user-folder-'));
    await writeFile(join(folder, 'file'), 'one\n');
    await writeFile(join(folder, 'gone'), 'one\n');
  });
  afterEach(async () => {
    await fixture.clear();
    await rm(folder, { recursive: true, force: true });
  });
  const kept = () => ({ source: { type: 'directory', path: folder } as const, filesystem: { overlay: true } });

  if (support === 'unsupported') {
    it('refuses to keep writes apart, before anything is made', async () => {
      await expect(fixture.create(kept())).rejects.toMatchObject({ code: 'unsupported' });
      expect(await fixture.ours()).toEqual([]);
    });
    return;
  }

  it('keeps writes apart until they are applied or thrown away', { timeout: 60_000 }, async () => {
    if (!changes) throw new Error('the capability is there, and no store of changes');
    const { ref } = await fixture.running(kept());
    const { exit, stderr } = await run(engine, ref, sh('echo two >file; rm gone; mkdir new; echo x >new/file'));
    expect([exit.code, stderr.toString()]).toEqual([0, '']);
    const list = async () => (await changes.list(ref)).changes.map(({ kind, path }) => `${kind} ${path}`);
    const all = ['modified file', 'deleted gone', 'added new', 'added new/file'];
    expect(await list()).toEqual(all);
    const never = new AbortController().signal;
    await expect(changes.apply(ref, undefined, never)).rejects.toMatchObject({ code: 'conflict' });
    await expect(changes.discard(ref, undefined)).rejects.toMatchObject({ code: 'conflict' });
    await engine.stop(ref, 0);
    expect(await list()).toEqual(all);
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'gone']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('one\n');

    expect(await changes.apply(ref, ['new'], never)).toEqual({ applied: 2, failed: 0, failures: [] });
    await changes.discard(ref, ['gone']);
    expect(await list()).toEqual(['modified file']);
    await engine.start(ref);
    expect((await run(engine, ref, sh('cat file gone new/file'))).stdout.toString()).toBe('two\none\nx\n');
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'gone', 'new']);
  });

  it('has no changes for a sandbox that writes to its workspace itself', async () => {
    const { ref } = await fixture.create();
    await expect(changes?.list(ref)).rejects.toMatchObject({ code: 'unsupported' });
  });
}
