import { expect, it } from 'vitest';
import { bytesOf, digestOf, manyBytes, shorthands } from './file-bytes.ts';
import { type Fixture, run } from './fixture.ts';

const never = new AbortController().signal;
const BIG = 64 * 1024 * 1024;
const conflict = { name: 'AppError', code: 'conflict' };

/** Of sandboxes that have a root of their own, which lies nowhere on this machine and can be written. */
export function ownRootCases(fixture: Fixture): void {
  const { engine } = fixture;
  const { files } = engine;
  if (!files) return;
  const { read, write, list } = shorthands(files);
  const inside = async (ref: string, ...argv: readonly string[]) => (await run(engine, ref, argv)).stdout.toString();
  const writable = { profile: 'trusted' } as const;

  it('reaches what is not mounted, while it runs', { timeout: 120_000 }, async () => {
    const { ref } = await fixture.running(writable);
    const hard = ['文件 夹', 'two\nlines', `it's "quoted"`, '-rf', '.hidden', '$(id)'];
    for (const name of hard) await write(ref, `/opt/made/${name}`, name);
    await files.makeFolder(ref, '/opt/made/deep/er');
    await files.makeFolder(ref, '/opt/made/deep/er');
    const found = await list(ref, '/opt/made');
    expect(found.map(({ name }) => name).toSorted()).toEqual([...hard, 'deep'].toSorted());
    expect(found.find(({ name }) => name === '文件 夹')).toMatchObject({ type: 'file', size: 10, mode: 0o644 });
    for (const name of hard) expect(await read(ref, `/opt/made/${name}`)).toBe(name);
    expect(await inside(ref, 'cat', '/opt/made/two\nlines')).toBe('two\nlines');

    // In place of what is there, with its mode, at once.
    await inside(ref, 'chmod', '600', '/opt/made/-rf');
    await write(ref, '/opt/made/-rf', 'changed');
    expect(await files.stat(ref, '/opt/made/-rf')).toMatchObject({ size: 7, mode: 0o600 });
    await files.rename(ref, '/opt/made/-rf', '/opt/moved');
    expect(await read(ref, '/opt/moved')).toBe('changed');
    await expect(files.rename(ref, '/opt/moved', '/opt/made')).rejects.toMatchObject(conflict);
    await expect(files.remove(ref, '/opt/made', { recursive: false, signal: never })).rejects.toMatchObject(conflict);
    await files.remove(ref, '/opt/made', { recursive: true, signal: never });
    expect((await list(ref, '/opt')).map(({ name }) => name)).toEqual(['moved']);

    await files.write(ref, '/opt/big', manyBytes(BIG), { signal: never });
    const { size, digest } = await digestOf(files.read(ref, '/opt/big', { offset: 0, signal: never }));
    expect([size, digest]).toEqual([BIG, (await digestOf(manyBytes(BIG))).digest]);
    expect((await digestOf(files.read(ref, '/opt/big', { offset: BIG - 5, signal: never }))).size).toBe(5);
  });

  it('and while it does not', async () => {
    const { ref } = await fixture.create(writable);
    await write(ref, '/opt/made/文件', 'one');
    await write(ref, '/opt/made/文件', 'two');
    await files.makeFolder(ref, '/opt/made/folder');
    expect(await read(ref, '/opt/made/文件')).toBe('two');
    const found = (await list(ref, '/opt/made')).map(({ name, type }) => `${type} ${name}`);
    expect(found.toSorted()).toEqual(['directory folder', 'file 文件']);
    await expect(files.rename(ref, '/opt/made/文件', '/opt/x')).rejects.toMatchObject(conflict);
    await expect(files.remove(ref, '/opt/made', { recursive: true, signal: never })).rejects.toMatchObject(conflict);
    await engine.start(ref);
    expect(await inside(ref, 'cat', '/opt/made/文件')).toBe('two');
  });

  it('follows its own links only, waits for no pipe, and opens no device', async () => {
    const { ref } = await fixture.running(writable);
    await inside(
      ref,
      'sh',
      '-c',
      'mkdir /opt; cd /opt; ln -s /etc/hostname link; ln -s /opt way; mkfifo pipe; ln -s gone dangling',
    );
    expect(await files.stat(ref, '/opt/link')).toMatchObject({ type: 'symlink' });
    expect(await files.stat(ref, '/opt/way/.')).toMatchObject({ type: 'directory' });
    await write(ref, '/opt/way/through', 'x');
    expect(await inside(ref, 'cat', '/opt/through')).toBe('x');
    for (const path of ['/opt/pipe', '/opt/way/pipe']) {
      await expect(read(ref, path)).rejects.toMatchObject(conflict);
      await expect(write(ref, path, 'x')).rejects.toMatchObject(conflict);
    }
    for (const path of ['/dev/null', '/proc/1/environ', '/proc/kmsg', '/sys/kernel']) {
      await expect(read(ref, path)).rejects.toMatchObject({ code: 'unsupported' });
    }
    await expect(read(ref, '/opt')).rejects.toMatchObject(conflict);
    await expect(list(ref, '/opt/link')).rejects.toMatchObject(conflict);
    await expect(list(ref, '/nothing')).rejects.toMatchObject({ code: 'not_found' });
    await expect(write(ref, '/opt/link/inner', 'x')).rejects.toMatchObject(conflict);
  });

  it('carries trees, and unpacks nothing outside', async () => {
    const { ref } = await fixture.running(writable);
    await inside(
      ref,
      'sh',
      '-c',
      'mkdir -p /opt/tree/sub; cd /opt/tree; echo hi >sub/file; ln -s sub/file link; chmod 711 sub',
    );
    await files.writeTree(ref, '/opt/a/b', files.readTree(ref, '/opt/tree', never), never);
    await files.writeTree(ref, '/opt/c', files.readTree(ref, '/opt/tree/.', never), never);
    for (const copy of ['/opt/a/b/tree', '/opt/c']) {
      expect(await inside(ref, 'sh', '-c', `cd ${copy}; cat link; stat -c %a sub`)).toBe('hi\n711\n');
    }
    await expect(files.writeTree(ref, '/opt/d', bytesOf('x'.repeat(2000)), never)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('leaves a file as it was when its bytes do not all come', async () => {
    const { ref } = await fixture.running(writable);
    await write(ref, '/opt/file', 'old');
    const breaks = async function* () {
      yield Buffer.from('half');
      throw new Error('the sender is gone');
    };
    await expect(files.write(ref, '/opt/file', breaks(), { signal: never })).rejects.toThrow('the sender is gone');
    expect(await read(ref, '/opt/file')).toBe('old');
    expect((await list(ref, '/opt')).map(({ name }) => name)).toEqual(['file']);
  });

  it('writes nothing where all but the mounts is read-only', async () => {
    const { ref } = await fixture.running({ profile: 'standard' });
    await expect(write(ref, '/opt/file', 'x')).rejects.toMatchObject({ code: 'denied' });
    await expect(files.makeFolder(ref, '/opt/folder')).rejects.toMatchObject({ code: 'denied' });
    await expect(write(ref, '/tmp/file', 'x')).rejects.toMatchObject({ code: 'unsupported' });
  });
}
