import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { expect, it } from 'vitest';
import { bytesOf, shorthands } from './file-bytes.ts';
import type { Fixture } from './fixture.ts';

const never = new AbortController().signal;
const ROUNDS = 300;

/** Exchanges a folder for a link to another one and back, as fast as it can. Who writes there may make the folder meanwhile. */
const EXCHANGE = `
const { renameSync, rmSync } = require('node:fs');
const [folder, kept, link] = process.argv.slice(1);
const move = (from, to) => {
  for (;;) {
    try { return renameSync(from, to); } catch { /* something is there: it is taken away below */ }
    try { rmSync(to, { recursive: true, force: true }); } catch { /* written to at this moment: tried again */ }
  }
};
process.stdout.write('on\\n');
for (;;) { move(folder, kept); move(link, folder); move(folder, link); move(kept, folder); }`;

/** What a hostile sandbox can do with its workspace. `outside`: a folder of this machine, whose `file` holds `secret`. */
export function escapeCases(fixture: Fixture, outside: () => string): void {
  const { engine, capabilities } = fixture;
  const { files } = engine;
  if (!files) return;
  const { read, write, list } = shorthands(files);
  /** A container has files of its own by such names; they are not this machine's. */
  const refusal = { name: 'AppError', code: expect.stringMatching(/^(?:denied|not_found|conflict|unsupported)$/) };
  const made = async () => {
    const { ref, workspace } = await fixture.create();
    if (workspace === null) throw new Error('its workspace is not on this machine');
    return { ref, workspace };
  };

  it('is reached by a link', async () => {
    const { ref, workspace } = await made();
    await symlink(join(outside(), 'file'), join(workspace, 'absolute'));
    await symlink(relative(workspace, join(outside(), 'file')), join(workspace, 'relative'));
    await symlink(outside(), join(workspace, 'folder'));
    await symlink('loop', join(workspace, 'loop'));
    for (const path of ['absolute', 'relative', 'folder/file', 'loop']) {
      await expect(read(ref, path)).rejects.toMatchObject(refusal);
      await expect(write(ref, path, 'overwritten')).rejects.toMatchObject(refusal);
    }
    await expect(list(ref, 'folder')).rejects.toMatchObject(refusal);
    await expect(list(ref, 'folder/')).rejects.toMatchObject(refusal);
    await expect(write(ref, 'folder/folder/new', 'x')).rejects.toMatchObject(refusal);
    await expect(files.makeFolder(ref, 'folder/folder/new')).rejects.toMatchObject(refusal);
    await expect(files.rename(ref, 'absolute', 'folder/folder/new')).rejects.toMatchObject(refusal);
    await expect(files.remove(ref, 'folder/file', { recursive: true, signal: never })).rejects.toMatchObject(refusal);
    // A link itself can be seen and removed; what it leads to stays.
    expect(await files.stat(ref, 'absolute')).toMatchObject({ type: 'symlink' });
    await files.remove(ref, 'folder', { recursive: true, signal: never });
  });

  it('is reached by a path', async () => {
    const { ref, workspace } = await made();
    const up = '../'.repeat(20);
    for (const path of [
      `${up}${outside().slice(1)}/file`,
      join(outside(), 'file'),
      `${relative(workspace, outside())}/file`,
    ]) {
      await expect(read(ref, path)).rejects.toMatchObject(refusal);
      await expect(files.remove(ref, path, { recursive: true, signal: never })).rejects.toMatchObject(refusal);
    }
    for (const path of ['.', '/', '..']) {
      await expect(files.remove(ref, path, { recursive: true, signal: never })).rejects.toMatchObject({
        name: 'AppError',
      });
    }
    expect(await list(ref, '.')).toEqual([]);
  });

  it('is reached by a tar archive', async () => {
    const { ref, workspace } = await made();
    const attempts: readonly ((tar: Pack) => void)[] = [
      (tar) => tar.entry({ name: '../escaped' }, 'x'),
      (tar) => tar.entry({ name: `${'../'.repeat(20)}${outside().slice(1)}/file` }, 'x'),
      (tar) => {
        tar.entry({ name: 'way', type: 'symlink', linkname: outside() });
        tar.entry({ name: 'way/file' }, 'x');
      },
      (tar) => {
        tar.entry({ name: 'hard', type: 'link', linkname: `${relative(workspace, outside())}/file` });
        tar.entry({ name: 'hard' }, 'x');
      },
      (tar) => tar.entry({ name: 'device', type: 'character-device', devmajor: 1, devminor: 3 }),
    ];
    for (const [index, attempt] of attempts.entries()) {
      const tar = pack();
      attempt(tar);
      tar.finalize();
      await expect(
        files.writeTree(ref, `into-${index}`, tar as AsyncIterable<Uint8Array>, never),
      ).rejects.toMatchObject({ name: 'AppError' });
    }
    // What calls itself absolute lies below all the same.
    const tar = pack();
    tar.entry({ name: join(outside(), 'file') }, 'x');
    tar.finalize();
    await files.writeTree(ref, 'below', tar as AsyncIterable<Uint8Array>, never);
    expect(await read(ref, `below${join(outside(), 'file')}`)).toBe('x');
    // A link is taken as a link.
    if (capabilities.isolation !== 'wasm') expect(await readlink(join(workspace, 'into-2/way'))).toBe(outside());
  });

  it('is reached through a folder that is exchanged for a link meanwhile', { timeout: 120_000 }, async () => {
    const { ref, workspace } = await made();
    await mkdir(join(workspace, 'folder'));
    await writeFile(join(workspace, 'folder/file'), 'inside');
    await mkdir(join(workspace, 'folder/folder'));
    await symlink(outside(), join(workspace, 'link'));
    const names = ['folder', 'kept', 'link'].map((name) => join(workspace, name));
    const exchanging = spawn(process.execPath, ['-e', EXCHANGE, ...names], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(exchanging, 'close');
    try {
      await once(exchanging.stdout, 'data');
      const seen = { inside: 0, refused: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const text = await read(ref, 'folder/file').catch((error: unknown) => {
          expect(error).toMatchObject({ name: 'AppError' });
          return null;
        });
        expect(text === null || text === 'inside', `it read ${text}`).toBe(true);
        seen[text === null ? 'refused' : 'inside'] += 1;
        await Promise.allSettled([
          files.write(ref, 'folder/folder/new', bytesOf('x'), { signal: never }),
          files.remove(ref, 'folder/folder/new', { recursive: true, signal: never }),
        ]);
      }
      // Else nothing was tried.
      expect(seen.inside).toBeGreaterThan(0);
      expect(seen.refused).toBeGreaterThan(0);
    } finally {
      exchanging.kill('SIGKILL');
      await ended;
    }
  });
}
