import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FILE_PIECE_MAX, WHOLE_FILE_MAX } from '../../shared/contract/files.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { describeNamespace } from '../engines/namespace/test-support.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';
import { destroyAll } from './testing/sandboxes.ts';
import { waitFor } from './testing/wait-for.ts';

const { host } = hostForTests();
afterEach(() => destroyAll(host.client));

async function create(spec: Partial<SandboxSpecInput> = {}): Promise<string> {
  const whole = { engine: 'process', source: { type: 'empty' }, ...spec } as const;
  const { id } = await host.client.sandboxes.createAndWait({ spec: whole });
  return id;
}
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
async function read(sandboxId: string, path: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const piece of await host.client.files.read({ sandboxId, path }))
    parts.push(Buffer.from(piece.base64, 'base64'));
  return Buffer.concat(parts).toString();
}
const names = async (sandboxId: string, path = '.') =>
  (await host.client.files.list({ sandboxId, path })).entries.map(({ name }) => name).toSorted();

describe('files over the contract', () => {
  it('come and go in pieces, and nothing is seen of a file before its end', async () => {
    const { files } = host.client;
    const sandboxId = await create();
    const { writeId } = await files.beginWrite({ sandboxId, path: 'new/文件', mode: 0o600 });
    await files.appendWrite({ writeId, base64: base64('one ') });
    await files.appendWrite({ writeId, base64: base64('two') });
    expect(await failure(files.stat({ sandboxId, path: 'new/文件' }))).toMatchObject({ code: 'not_found' });
    await files.finishWrite({ writeId });
    expect(await read(sandboxId, 'new/文件')).toBe('one two');
    expect(await files.stat({ sandboxId, path: 'new/文件' })).toMatchObject({ size: 7, mode: 0o600 });
    expect(await failure(files.finishWrite({ writeId }))).toMatchObject({ code: 'not_found' });
  });

  it('a write that is given up, or whose sandbox goes, leaves nothing', async () => {
    const { files, sandboxes } = host.client;
    const sandboxId = await create();
    const { writeId } = await files.beginWrite({ sandboxId, path: 'file' });
    await files.appendWrite({ writeId, base64: base64('half') });
    await files.cancelWrite({ writeId });
    await files.cancelWrite({ writeId });
    expect(await names(sandboxId)).toEqual([]);
    const late = await files.beginWrite({ sandboxId, path: 'file' });
    await sandboxes.destroy({ id: sandboxId });
    const sent = async () => {
      await files.appendWrite({ ...late, base64: base64('x') });
      await files.finishWrite(late);
    };
    expect((await failure(sent())).code).toMatch(/not_found|internal/);
  });

  it('are written in one go up to 4 MiB, as base64 and nothing else', async () => {
    const { files } = host.client;
    const sandboxId = await create();
    const at = { sandboxId, path: 'whole', encoding: 'base64' } as const;
    const most = Buffer.alloc(WHOLE_FILE_MAX, 0xfb);
    expect(await files.writeWhole({ ...at, content: base64(most) })).toEqual({ size: WHOLE_FILE_MAX });
    const more = base64(Buffer.concat([most, Buffer.from('x')]));
    expect(await failure(files.writeWhole({ ...at, content: more }))).toMatchObject({ code: 'limit_exceeded' });
    for (const content of ['abc', 'ab=c', 'a===', 'ab c', `${base64(most).slice(0, -1)}!`]) {
      expect(await failure(files.writeWhole({ ...at, content }))).toMatchObject({ code: 'invalid_input' });
    }
    expect((await files.stat({ sandboxId, path: 'whole' })).size).toBe(WHOLE_FILE_MAX);
    const { writeId } = await files.beginWrite({ sandboxId, path: 'piece' });
    await files.appendWrite({ writeId, base64: base64(most.subarray(0, (FILE_PIECE_MAX / 4) * 3)) });
    await files.finishWrite({ writeId });
  });

  it('begun and left by one program keep nobody from writing to another sandbox', async () => {
    const { files } = host.client;
    const [sandboxId, other] = [await create(), await create()];
    const begun: string[] = [];
    for (let count = 0; count < 32; count += 1) {
      begun.push((await files.beginWrite({ sandboxId, path: String(count) })).writeId);
    }
    expect(await failure(files.beginWrite({ sandboxId, path: 'more' }))).toMatchObject({ code: 'limit_exceeded' });
    const { writeId } = await files.beginWrite({ sandboxId: other, path: 'file' });
    await files.appendWrite({ writeId, base64: base64('x') });
    await files.finishWrite({ writeId });
    expect(await read(other, 'file')).toBe('x');
    for (const each of begun) await files.cancelWrite({ writeId: each });
    await files.cancelWrite(await files.beginWrite({ sandboxId, path: 'more' }));
    expect(await names(sandboxId)).toEqual([]);
  });

  it('end at the sandbox’s limits of file size and disk space', async () => {
    const { files } = host.client;
    const sandboxId = await create({ limits: { fileSizeBytes: 4096 } });
    const content = base64(Buffer.alloc(5000));
    const tooMuch = { code: 'limit_exceeded', details: { limit: 'fileSizeBytes' } };
    expect(await failure(files.writeWhole({ sandboxId, path: 'file', content, encoding: 'base64' }))).toMatchObject(
      tooMuch,
    );
    const { writeId } = await files.beginWrite({ sandboxId, path: 'file' });
    expect(await failure(files.appendWrite({ writeId, base64: content }))).toMatchObject(tooMuch);
    expect(await names(sandboxId)).toEqual([]);
    const small = await create({ limits: { diskBytes: 1024 * 1024 }, allowBestEffort: true });
    const much = base64(Buffer.alloc(2 * 1024 * 1024));
    expect(
      await failure(files.writeWhole({ sandboxId: small, path: 'file', content: much, encoding: 'base64' })),
    ).toMatchObject({
      code: 'limit_exceeded',
      details: { limit: 'diskBytes' },
    });
    expect(await names(small)).toEqual([]);
  });
});

describe('files over HTTP', () => {
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${host.port}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${host.token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };

  it('are written, listed, read, renamed and removed', async () => {
    const id = await create();
    const at = `/sandboxes/${id}/files`;
    expect(await ask('PUT', at, { path: 'a/b c', content: 'grüße', encoding: 'utf8' })).toEqual({
      status: 200,
      body: { size: 7 },
    });
    expect(await ask('GET', `${at}?path=a/b%20c&encoding=utf8`)).toEqual({
      status: 200,
      body: { content: 'grüße', encoding: 'utf8', size: 7 },
    });
    expect(await ask('POST', `${at}/folders`, { path: 'x/y' })).toEqual({ status: 200, body: {} });
    expect(await ask('POST', `${at}/rename`, { from: 'a/b c', to: 'x/y/moved' })).toEqual({ status: 200, body: {} });
    expect(await ask('GET', `${at}/list?path=x/y`)).toMatchObject({
      status: 200,
      body: { truncated: false, entries: [{ name: 'moved', type: 'file', size: 7 }] },
    });
    expect(await ask('GET', `${at}/stat?path=x/y/moved`)).toMatchObject({ status: 200, body: { size: 7 } });
    expect(await ask('DELETE', at, { path: 'x' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await ask('DELETE', at, { path: 'x', recursive: true })).toEqual({ status: 200, body: {} });
    expect(await ask('GET', `${at}?path=x/y/moved`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await ask('GET', `${at}?path=/etc/passwd`)).toMatchObject({ status: 403, body: { code: 'denied' } });
    expect(await ask('GET', `${at}?path=a%00b`)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('say when a file is too large for one answer, or is no text', async () => {
    const id = await create();
    const at = `/sandboxes/${id}/files`;
    const { body } = await ask('POST', `${at}/writes`, { path: 'big' });
    const { writeId } = body as { readonly writeId: string };
    const piece = base64(Buffer.alloc(2 * 1024 * 1024, 0xff));
    for (let count = 0; count < 2; count += 1) {
      expect((await ask('POST', `/files/writes/${writeId}/pieces`, { base64: piece })).status).toBe(200);
    }
    await ask('POST', `/files/writes/${writeId}/pieces`, { base64: base64('x') });
    expect((await ask('POST', `/files/writes/${writeId}/finish`, {})).status).toBe(200);
    expect(await ask('GET', `${at}?path=big`)).toMatchObject({
      status: 429,
      body: { code: 'limit_exceeded', message: expect.stringContaining('4 MiB'), details: { most: WHOLE_FILE_MAX } },
    });
    await ask('PUT', at, { path: 'bytes', content: base64(Buffer.from([0xff, 0])), encoding: 'base64' });
    expect(await ask('GET', `${at}?path=bytes&encoding=utf8`)).toMatchObject({ body: { code: 'unsupported' } });
    expect(await ask('GET', `${at}?path=bytes`)).toMatchObject({ body: { content: '/wA=', encoding: 'base64' } });
  });
});

await describeNamespace('files of a sandbox whose writes are kept apart', () => {
  it('are those that it sees: read always, written while it runs, hidden what is hidden', {
    timeout: 60_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-user-folder-'));
    try {
      await writeFile(join(folder, 'file'), 'one\n');
      await writeFile(join(folder, 'gone'), 'one\n');
      await writeFile(join(folder, 'secret'), 'one\n');
      const { files, sandboxes, engines } = host.client;
      await waitFor('the engine to be looked at', async () =>
        (await engines.list({})).find(({ kind, status }) => kind === 'namespace' && status === 'available'),
      );
      const sandboxId = await create({
        engine: 'namespace',
        source: { type: 'directory', path: folder },
        filesystem: { overlay: true, denied: [join(folder, 'secret')] },
        command: ['sh', '-c', 'echo two >file; rm gone; echo new >made; sleep 1000'],
      });
      await waitFor('its writes', async () => (await names(sandboxId)).includes('made'));
      const seen = async () => [
        await read(sandboxId, 'file'),
        await read(sandboxId, '/workspace/made'),
        await names(sandboxId),
      ];
      const expected = ['two\n', 'new\n', ['file', 'made', 'secret']];
      expect(await seen()).toEqual(expected);
      expect(await failure(read(sandboxId, 'secret'))).toMatchObject({ code: 'denied' });
      await files.writeWhole({ sandboxId, path: 'given', content: 'x', encoding: 'utf8' });
      const { stdout } = await host.client.executions.runAndWait({ sandboxId, command: ['cat', 'given'] });
      expect(stdout).toBe('x');
      await sandboxes.stop({ id: sandboxId });
      expect(await read(sandboxId, 'given')).toBe('x');
      expect(await read(sandboxId, 'file')).toBe('two\n');
      expect(await failure(files.remove({ sandboxId, path: 'file' }))).toMatchObject({
        code: 'conflict',
        hint: 'Start it first.',
      });
      expect((await readdir(folder)).toSorted()).toEqual(['file', 'gone', 'secret']);
      expect(await readFile(join(folder, 'file'), 'utf8')).toBe('one\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
