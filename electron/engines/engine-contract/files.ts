import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineObject } from '../engine.ts';
import { bytesOf, digestOf, manyBytes, shorthands } from './file-bytes.ts';
import { escapeCases } from './file-escapes.ts';
import { ownRootCases } from './file-own-root.ts';
import { type Fixture, itWhere, run } from './fixture.ts';

const never = new AbortController().signal;
const BIG = 64 * 1024 * 1024;

export function fileCases(fixture: Fixture): void {
  const { engine, capabilities, programs } = fixture;
  const { files } = engine;
  afterEach(() => fixture.clear());
  if (capabilities.features.files.support === 'unsupported') {
    it('says why files cannot be reached', () => {
      expect(capabilities.features.files.note).toMatch(/\w/);
    });
    return;
  }
  if (!files) throw new Error('the capability is there, and no files');
  const { read, write, list } = shorthands(files);
  const conflict = { name: 'AppError', code: 'conflict' };

  it('writes what a program reads, and reads what a program writes', async () => {
    const { ref } = await fixture.running();
    await write(ref, 'given', 'grüße\n');
    expect((await run(engine, ref, programs.printsFile('given'))).stdout.toString()).toContain('grüße');
    await run(engine, ref, programs.writesFile('made', 'inside'));
    expect(await read(ref, 'made')).toBe('inside');
    // By its own path as well.
    const absolute = `${(await run(engine, ref, programs.printsWorkdir)).stdout.toString().trim()}/made`;
    expect(await read(ref, absolute)).toBe('inside');
    expect(await files.stat(ref, absolute)).toMatchObject({ name: 'made', type: 'file', size: 6 });
    // What was written can be changed inside, whoever the programs run as.
    await run(engine, ref, programs.writesFile('given', 'changed'));
    expect(await read(ref, 'given')).toBe('changed');
  });

  it('makes, lists, renames and removes, also while nothing runs', async () => {
    const { ref } = await fixture.create();
    const hard = ['文件 夹', 'two\nlines', `it's "quoted"`, '-rf', '.hidden', '$(id)'];
    for (const name of hard) await write(ref, `folder/inner/${name}`, name);
    await files.makeFolder(ref, 'folder/inner/deep/er');
    await files.makeFolder(ref, 'folder/inner/deep/er');
    const found = await list(ref, 'folder/inner');
    expect(found.map(({ name }) => name).toSorted()).toEqual([...hard, 'deep'].toSorted());
    expect(found.find(({ name }) => name === 'deep')).toMatchObject({ type: 'directory' });
    const [first] = hard;
    const entry = found.find(({ name }) => name === first);
    expect(entry).toMatchObject({ type: 'file', size: 10, mode: 0o644, target: null });
    expect(Math.abs((entry?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    for (const name of hard) expect(await read(ref, `folder/inner/${name}`)).toBe(name);

    await files.rename(ref, `folder/inner/${first}`, 'moved 到');
    expect(await read(ref, 'moved 到')).toBe(first);
    await expect(read(ref, `folder/inner/${first}`)).rejects.toMatchObject({ code: 'not_found' });
    await files.rename(ref, 'moved 到', 'folder/inner/-rf');
    expect(await read(ref, 'folder/inner/-rf')).toBe(first);

    await expect(files.remove(ref, 'folder', { recursive: false, signal: never })).rejects.toMatchObject(conflict);
    await files.remove(ref, 'folder/inner/two\nlines', { recursive: false, signal: never });
    await files.remove(ref, 'folder', { recursive: true, signal: never });
    expect(await list(ref, '.')).toEqual([]);
  });

  it('says what is wrong with a path', async () => {
    const { ref } = await fixture.create();
    await write(ref, 'file', 'x');
    const missing = { name: 'AppError', code: 'not_found' };
    await expect(read(ref, 'nothing')).rejects.toMatchObject(missing);
    await expect(list(ref, 'nothing')).rejects.toMatchObject(missing);
    await expect(files.stat(ref, 'nothing/at/all')).rejects.toMatchObject(missing);
    await expect(files.remove(ref, 'nothing', { recursive: true, signal: never })).rejects.toMatchObject(missing);
    await expect(files.rename(ref, 'nothing', 'file')).rejects.toMatchObject(missing);
    await expect(read(ref, '.')).rejects.toMatchObject(conflict);
    await expect(list(ref, 'file')).rejects.toMatchObject(conflict);
    await expect(write(ref, 'file/inner', 'x')).rejects.toMatchObject(conflict);
    await expect(files.makeFolder(ref, 'file')).rejects.toMatchObject(conflict);
    expect(await read(ref, 'file')).toBe('x');
  });

  it('replaces a file at once, with the mode it had, or not at all', async () => {
    const { ref } = await fixture.create();
    await files.write(ref, 'file', bytesOf('one'), { mode: 0o600, signal: never });
    await write(ref, 'file', 'two');
    expect(await files.stat(ref, 'file')).toMatchObject({ size: 3, mode: 0o600 });
    const breaks = async function* () {
      yield Buffer.from('half');
      throw new Error('the sender is gone');
    };
    await expect(files.write(ref, 'file', breaks(), { signal: never })).rejects.toThrow('the sender is gone');
    await expect(files.write(ref, 'new', breaks(), { signal: never })).rejects.toThrow('the sender is gone');
    const abort = new AbortController();
    const aborts = async function* () {
      yield Buffer.from('half');
      abort.abort(new Error('enough'));
      yield Buffer.from('more');
    };
    await expect(files.write(ref, 'file', aborts(), { signal: abort.signal })).rejects.toThrow('enough');
    expect(await read(ref, 'file')).toBe('two');
    expect((await list(ref, '.')).map(({ name }) => name)).toEqual(['file']);
  });

  it('takes 64 MiB in pieces and gives them back, from where it is asked', { timeout: 120_000 }, async () => {
    const { ref } = await fixture.create();
    await files.write(ref, 'big', manyBytes(BIG), { signal: never });
    const expected = await digestOf(manyBytes(BIG));
    const all = await digestOf(files.read(ref, 'big', { offset: 0, signal: never }));
    expect([all.size, all.digest]).toEqual([BIG, expected.digest]);
    expect(all.largest).toBeLessThanOrEqual(1024 * 1024);
    expect((await digestOf(files.read(ref, 'big', { offset: BIG - 5, signal: never }))).size).toBe(5);
    expect((await digestOf(files.read(ref, 'big', { offset: BIG + 5, signal: never }))).size).toBe(0);
    const stop = new AbortController();
    const some = files.read(ref, 'big', { offset: 0, signal: stop.signal })[Symbol.asyncIterator]();
    await some.next();
    stop.abort(new Error('enough'));
    await expect(digestOf({ [Symbol.asyncIterator]: () => some })).rejects.toThrow('enough');
  });

  it('carries a whole folder as a tar archive', async () => {
    const { ref, workspace } = await fixture.create();
    await write(ref, 'tree/文件 夹/file', 'inside');
    await write(ref, `tree/${'long'.repeat(50)}`, 'long');
    await files.write(ref, 'tree/program', bytesOf('#!/bin/sh\n'), { mode: 0o755, signal: never });
    if (workspace !== null) await symlink('文件 夹/file', join(workspace, 'tree/link'));
    await files.writeTree(ref, 'copies/one', files.readTree(ref, 'tree', never), never);
    await files.writeTree(ref, 'copies/two', files.readTree(ref, 'tree/.', never), never);
    for (const copy of ['copies/one/tree', 'copies/two']) {
      expect(await read(ref, `${copy}/文件 夹/file`)).toBe('inside');
      expect(await read(ref, `${copy}/${'long'.repeat(50)}`)).toBe('long');
      expect(await files.stat(ref, `${copy}/program`)).toMatchObject({ mode: 0o755 });
      if (workspace === null) continue;
      expect(await files.stat(ref, `${copy}/link`)).toMatchObject({ type: 'symlink', target: '文件 夹/file' });
      expect(await read(ref, `${copy}/link`)).toBe('inside');
    }
    await expect(files.writeTree(ref, 'bad', bytesOf('x'.repeat(2000)), never)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  const hasShell = programs.shell;
  itWhere(hasShell)('waits for no pipe', async () => {
    const { ref, workspace } = await fixture.create();
    if (workspace === null) return;
    execFileSync('mkfifo', [join(workspace, 'pipe')]);
    expect(await files.stat(ref, 'pipe')).toMatchObject({ type: 'fifo' });
    await expect(read(ref, 'pipe')).rejects.toMatchObject(conflict);
    await expect(write(ref, 'pipe', 'x')).rejects.toMatchObject(conflict);
    await files.remove(ref, 'pipe', { recursive: false, signal: never });
    expect(await list(ref, '.')).toEqual([]);
  });

  describe('nothing of this machine', () => {
    let outside: string;
    beforeEach(async () => {
      outside = await mkdtemp(join(tmpdir(), 'terrarium-outside-'));
      await writeFile(join(outside, 'file'), 'secret');
      await mkdir(join(outside, 'folder'));
    });
    afterEach(async () => {
      expect(await readFile(join(outside, 'file'), 'utf8')).toBe('secret');
      expect((await readdir(outside)).toSorted()).toEqual(['file', 'folder']);
      expect(await readdir(join(outside, 'folder'))).toEqual([]);
      await rm(outside, { recursive: true });
    });
    escapeCases(fixture, () => outside);
  });

  if (capabilities.isolation === 'container') {
    describe('of a root of its own', () => ownRootCases(fixture));
  }

  it('is gone with its sandbox', async () => {
    const { ref } = (await fixture.create()) satisfies EngineObject;
    await engine.destroy(ref);
    await expect(files.stat(ref, '.')).rejects.toMatchObject({ code: 'not_found' });
    await expect(write(ref, 'file', 'x')).rejects.toMatchObject({ code: 'not_found' });
  });
}
