import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { untilAvailable } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const { home, host } = hostForTests();

beforeAll(async () => {
  await untilAvailable(host.client, 'wasm');
});

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** An empty module that differs from others by a custom section. */
const moduleNamed = (name: string) => Buffer.from([...HEADER, 0, name.length + 1, name.length, ...Buffer.from(name)]);
const stored = async () =>
  (await readdir(join(home.path, 'modules')).catch(() => [])).filter((name) => name !== 'incoming');
const incoming = () => readdir(join(home.path, 'modules', 'incoming'));

async function upload(name: string, bytes: Buffer, pieceBytes = bytes.length) {
  const { uploadId } = await host.client.modules.beginUpload({ name, sizeBytes: bytes.length });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const base64 = bytes.subarray(at, at + pieceBytes).toString('base64');
    await host.client.modules.appendUpload({ uploadId, base64 });
  }
  return host.client.modules.finishUpload({ uploadId });
}

async function create(path: string): Promise<Sandbox> {
  const spec = { engine: 'wasm', source: { type: 'module', path } } as const;
  for await (const item of await host.client.sandboxes.create({ spec, start: false })) {
    if (item.type === 'created') return item.sandbox;
  }
  throw new Error('the creation ended without a sandbox');
}

test('a module comes in pieces, is read, and stays as long as a sandbox names it', async () => {
  const bytes = moduleNamed('whole');
  const { path, info } = await upload('my program.wasm', bytes, 5);
  expect(await readFile(path)).toEqual(bytes);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(basename(path)).toBe('my_program.wasm');
  expect(info).toMatchObject({ sizeBytes: bytes.length, kind: 'reactor', refused: 0 });
  expect(await incoming()).toEqual([]);

  const first = await create(path);
  const second = await create(path);
  expect((await host.client.modules.of({ sandboxId: first.id })).info).toEqual(info);
  await host.client.sandboxes.destroy({ id: first.id });
  await upload('another.wasm', moduleNamed('another')); // looks for what is unused, too
  expect(await stored()).toContain(basename(join(path, '..')));
  await host.client.sandboxes.destroy({ id: second.id });
  await waitFor('the module to be removed', async () => !(await stored()).includes(basename(join(path, '..'))));
});

test('no name leads out of the folder', async () => {
  const names = [
    '../../../etc/passwd',
    '/etc/passwd',
    '..',
    '.wasm',
    'a/b\\c.wasm',
    `${'n'.repeat(250)}.wasm`,
    '\u202egnp.wasm',
  ];
  for (const name of names) {
    const { path } = await upload(name, moduleNamed('same'));
    expect(path.startsWith(join(home.path, 'modules'))).toBe(true);
    expect(basename(path)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.wasm$/);
  }
});

test('what is no module, longer than said, or not whole is refused, and nothing of it stays', async () => {
  expect(await failure(upload('text.wasm', Buffer.from('#!/bin/sh\n')))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('is no WebAssembly'),
  });
  const bytes = moduleNamed('bytes');
  const begin = (sizeBytes: number) => host.client.modules.beginUpload({ name: 'some.wasm', sizeBytes });
  const long = await begin(8);
  const tooMuch = host.client.modules.appendUpload({ ...long, base64: bytes.toString('base64') });
  expect(await failure(tooMuch)).toMatchObject({ message: expect.stringContaining('longer than was said') });
  const short = await begin(bytes.length + 1);
  await host.client.modules.appendUpload({ ...short, base64: bytes.toString('base64') });
  expect(await failure(host.client.modules.finishUpload(short))).toMatchObject({ code: 'invalid_input' });
  const cancelled = await begin(bytes.length);
  await host.client.modules.cancelUpload(cancelled);
  expect(await failure(host.client.modules.finishUpload(cancelled))).toMatchObject({ code: 'not_found' });
  expect(await failure(begin(257 * 1024 * 1024))).toMatchObject({ code: 'invalid_input' });
  expect(await incoming()).toEqual([]);
});

test('no more than a few come at once', async () => {
  const begin = () => host.client.modules.beginUpload({ name: 'some.wasm', sizeBytes: 8 });
  const four = await Promise.all([begin(), begin(), begin(), begin()]);
  expect(await failure(begin())).toMatchObject({ code: 'conflict' });
  for (const one of four) await host.client.modules.cancelUpload(one);
  const tried = await Promise.allSettled([begin(), begin(), begin(), begin(), begin(), begin()]);
  const begun = tried.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(begun).toHaveLength(4);
  for (const one of begun) await host.client.modules.cancelUpload(one);
  await host.client.modules.cancelUpload(await begin());
});

test('a path is looked at as creation would, and one that asks for too much is told', async () => {
  expect(await failure(host.client.modules.inspect({ path: '/etc/passwd' }))).toMatchObject({
    message: expect.stringContaining('is no WebAssembly'),
    details: { field: 'source.path' },
  });
  const greedy = Buffer.from([
    ...[...HEADER, 1, 4, 1, 0x60, 0, 0, 2, 14, 1, 3, ...Buffer.from('env'), 6, ...Buffer.from('secret'), 0, 0],
  ]);
  const { path, info } = await upload('greedy.wasm', greedy);
  expect(info).toMatchObject({ refused: 1, imports: { items: [{ module: 'env', name: 'secret', allowed: false }] } });
  expect(await failure(create(path))).toMatchObject({
    message: expect.stringContaining('env.secret'),
    details: { field: 'source.path' },
  });
});
