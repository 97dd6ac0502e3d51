import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTree, type Tree } from './tree.ts';

const never = new AbortController().signal;
let folder: string;
let tree: Tree;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-tree-'));
  tree = createTree([{ path: '/workspace', host: folder, readOnly: false }], '/workspace');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder });
async function* bytes(...parts: readonly Uint8Array[]) {
  yield* parts;
}

it('lists a folder of any size in batches, without holding up others', async () => {
  const count = 20_000;
  sh('mkdir many');
  for (let index = 0; index < count; index += 1) closeSync(openSync(join(folder, 'many', String(index)), 'w'));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  let found = 0;
  let largest = 0;
  for await (const batch of tree.list('many', never)) {
    found += batch.length;
    largest = Math.max(largest, batch.length);
  }
  clearInterval(timer);
  expect(found).toBe(count);
  expect(largest).toBeLessThanOrEqual(500);
  expect(turns).toBeGreaterThan(10);
});

it('knows names that are no text', async () => {
  sh(`printf x >"$(printf 'bad\\377name')"`);
  const [entry] = (await Array.fromAsync(tree.list('.', never))).flat();
  expect(entry?.name).toBe('bad\udcffname');
  expect((await Array.fromAsync(tree.read('bad\udcffname', { offset: 0, signal: never }))).join('')).toBe('x');
  await tree.rename('bad\udcffname', 'other\udcfe');
  expect(readdirSync(folder, 'buffer')).toEqual([Buffer.from([...Buffer.from('other'), 0xfe])]);
  // An archive's names are text: it says so rather than to copy it under another name.
  await expect(Array.fromAsync(tree.readTree('.', never))).rejects.toMatchObject({ code: 'unsupported' });
});

it('follows links inside, from the place that the sandbox calls its root', async () => {
  sh(
    'mkdir -p a/b; echo inside >a/b/file; ln -s /workspace/a absolute; ln -s ../a/b a/relative; ln -s a/b/new dangling',
  );
  const read = async (path: string) =>
    Buffer.concat(await Array.fromAsync(tree.read(path, { offset: 0, signal: never }))).toString();
  for (const path of ['absolute/b/file', 'a/relative/file', '/workspace/absolute/../a/relative/file']) {
    expect(await read(path)).toBe('inside\n');
  }
  await tree.write('dangling', bytes(Buffer.from('made')), { signal: never });
  expect(readFileSync(join(folder, 'a/b/new'), 'utf8')).toBe('made');
});

it('writes nothing where it is read-only, and shows nothing that is hidden', async () => {
  sh('mkdir shown secrets; echo x >shown/file; echo x >secrets/file');
  const ruled = createTree(
    [
      { path: '/workspace', host: folder, readOnly: false },
      { path: '/data', host: join(folder, 'shown'), readOnly: true },
      { path: '/workspace/secrets', host: null, readOnly: true },
    ],
    '/workspace',
  );
  const denied = { code: 'denied' };
  expect(await Array.fromAsync(ruled.read('/data/file', { offset: 0, signal: never }))).toEqual([Buffer.from('x\n')]);
  await expect(ruled.write('/data/file', bytes(), { signal: never })).rejects.toMatchObject(denied);
  await expect(ruled.write('/data/new/file', bytes(), { signal: never })).rejects.toMatchObject(denied);
  await expect(ruled.remove('/data/file', { recursive: false, signal: never })).rejects.toMatchObject(denied);
  await expect(ruled.rename('shown/file', '/data/other')).rejects.toMatchObject(denied);
  await expect(ruled.stat('secrets/file')).rejects.toMatchObject(denied);
  await expect(Array.fromAsync(ruled.list('secrets', never))).rejects.toMatchObject(denied);
});

it('leaves nothing behind on a full disk', async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root can mount a small disk');
  sh('mkdir disk; mount -t tmpfs -o size=1m none disk; echo old >disk/file');
  try {
    const much = async function* () {
      for (let count = 0; count < 64; count += 1) yield Buffer.alloc(65536, 'x');
    };
    const full = { code: 'limit_exceeded', message: expect.stringContaining('The disk is full: disk/') };
    await expect(tree.write('disk/file', much(), { signal: never })).rejects.toMatchObject(full);
    await expect(tree.write('disk/new', much(), { signal: never })).rejects.toMatchObject(full);
    expect(readdirSync(join(folder, 'disk'))).toEqual(['file']);
    expect(readFileSync(join(folder, 'disk/file'), 'utf8')).toBe('old\n');
  } finally {
    sh('umount disk');
  }
});

it('unpacks nothing through a link, whether the archive brought it or it was there', async () => {
  const unpack = (fill: (tar: Pack) => void) => {
    const tar = pack();
    fill(tar);
    tar.finalize();
    return tree.writeTree('results', tar as AsyncIterable<Uint8Array>, never);
  };
  sh('mkdir -p photos results/own; echo mine | tee .profile photos/one >results/own/file; ln -s ../photos results/p');
  const denied = { code: 'denied' };
  const brought = unpack((tar) => {
    tar.entry({ name: 'x', type: 'symlink', linkname: '..' });
    tar.entry({ name: 'x/.profile' }, 'theirs');
  });
  await expect(brought).rejects.toMatchObject(denied);
  await expect(unpack((tar) => tar.entry({ name: 'p/one' }, 'theirs'))).rejects.toMatchObject(denied);
  await expect(unpack((tar) => tar.entry({ name: 'p/new/', type: 'directory' }))).rejects.toMatchObject(denied);
  const hard = unpack((tar) => tar.entry({ name: 'hard', type: 'link', linkname: 'p/one' }));
  await expect(hard).rejects.toMatchObject(denied);
  expect(readFileSync(join(folder, '.profile'), 'utf8')).toBe('mine\n');
  expect(readdirSync(join(folder, 'photos'))).toEqual(['one']);
  expect(readFileSync(join(folder, 'photos/one'), 'utf8')).toBe('mine\n');
  // The folder that it is unpacked into is the caller's own: a link to it is followed.
  sh('mkdir real; mv results/own real; rm -r results; ln -s real results');
  await unpack((tar) => tar.entry({ name: 'own/file' }, 'theirs'));
  expect(readFileSync(join(folder, 'real/own/file'), 'utf8')).toBe('theirs');
});

it('opens no device', async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root can make a device');
  sh('mknod device c 1 3');
  await expect(tree.write('device', bytes(), { signal: never })).rejects.toMatchObject({ code: 'conflict' });
  await expect(Array.fromAsync(tree.read('device', { offset: 0, signal: never }))).rejects.toMatchObject({
    code: 'conflict',
  });
});

it('gives up at once when it is aborted', async () => {
  writeFileSync(join(folder, 'file'), Buffer.alloc(1024 * 1024));
  const stop = new AbortController();
  const tar = tree.readTree('file', stop.signal)[Symbol.asyncIterator]();
  await tar.next();
  stop.abort(new Error('enough'));
  await expect(
    (async () => {
      while (!(await tar.next()).done);
    })(),
  ).rejects.toThrow('enough');
});
