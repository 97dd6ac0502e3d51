import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileChange } from '../../shared/contract/files.ts';
import { describeUnless } from '../engines/engine-contract/describe-unless.ts';
import { describeNamespace } from '../engines/namespace/test-support.ts';
import { connect, type FileWatch, type Sandbox, type Terrarium } from './client/index.ts';
import { dockerMissing, TEST_IMAGE } from './testing/engine-truth.ts';
import { type HostProcess, makeHome, startHost } from './testing/host-process.ts';
import { waitFor } from './testing/wait-for.ts';

let home: Awaited<ReturnType<typeof makeHome>>;
let host: HostProcess;
let terrarium: Terrarium;
beforeAll(async () => {
  home = await makeHome();
  host = await startHost(home.path);
  terrarium = connect({ home: home.path });
});
afterAll(async () => {
  terrarium.close();
  await host.stop();
  await home.remove();
});

/** Reads on until a change is told, and gives all until then. */
async function until(watch: FileWatch, wanted: string): Promise<readonly FileChange[]> {
  const found: FileChange[] = [];
  // Not `for await`, whose end would be the watch's.
  const changes = watch[Symbol.asyncIterator]();
  for (let next = await changes.next(); !next.done; next = await changes.next()) {
    found.push(next.value);
    if (`${next.value.type} ${next.value.path}` === wanted) return found;
  }
  throw new Error(`the watch ended before: ${wanted}`);
}

type Made = Parameters<Terrarium['create']>[0];

function suite(spec: Made, folder: string): void {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await terrarium.create(spec);
    await sandbox.exec(['mkdir', '-p', `${folder}/watched/sub`]);
    await sandbox.exec(['touch', `${folder}/watched/old`, `${folder}/watched/sub/old`]);
  });
  afterAll(() => sandbox.kill());
  const at = `${folder}/watched`;

  it('tells what programs inside create, change and remove, in folders too', async () => {
    await using watch = await sandbox.files.watch(at, { recursive: true });
    await sandbox.exec(`touch ${at}/sub/file`);
    const [created] = await until(watch, 'created sub/file');
    expect(created).toMatchObject({ type: 'created', path: 'sub/file', entry: { name: 'file', type: 'file' } });
    await sandbox.exec(`printf 0123456789 >> ${at}/sub/file`);
    expect((await until(watch, 'changed sub/file')).at(-1)?.entry).toMatchObject({ type: 'file', size: 10 });
    await sandbox.exec(`mkdir ${at}/more; ln -s / ${at}/more/root; rm ${at}/old`);
    const types = (await until(watch, 'created more/root')).map(({ type, path }) => `${type} ${path}`);
    expect(types).toContain('created more');
    if (!types.includes('removed old')) await until(watch, 'removed old');
    await sandbox.exec(`rm -r ${at}/sub`);
    const removed = await until(watch, 'removed sub');
    expect(removed.map(({ path, entry }) => [path, entry])).toEqual(
      expect.arrayContaining([
        ['sub/file', null],
        ['sub/old', null],
      ]),
    );
    // Nothing of what the link leads to.
    expect(types.filter((each) => each.includes('more/root/'))).toEqual([]);
  });

  it('tells of a write that keeps the size, within a second', async () => {
    await using watch = await sandbox.files.watch(at);
    await sandbox.exec(`printf 1 > ${at}/same`);
    await until(watch, 'created same');
    // It is looked at twice a second, so some of these are written in the same one.
    for (const digit of ['2', '3', '4', '5', '6']) {
      await sandbox.exec(`printf ${digit} > ${at}/same`);
      await until(watch, 'changed same');
    }
  });

  it('leaves out what is in folders, unless it is asked for', async () => {
    await using watch = await sandbox.files.watch(at);
    await sandbox.exec(`mkdir -p ${at}/deep; touch ${at}/deep/unseen`);
    await sandbox.exec(`touch ${at}/seen`);
    expect((await until(watch, 'created seen')).map(({ path }) => path)).not.toContain('deep/unseen');
  });
}

describe('process', () => {
  suite({ engine: 'process' }, '.');

  it('calls back, until it is stopped', async () => {
    await using sandbox = await terrarium.create({ engine: 'process' });
    const paths: string[] = [];
    const exit = Promise.withResolvers<unknown>();
    const watch = await sandbox.files.watch('.', {
      onChange: ({ path }) => void paths.push(path),
      onExit: exit.resolve,
    });
    await sandbox.files.write('one', 'x');
    await waitFor('the change', async () => paths.includes('one'));
    await watch.stop();
    expect(await exit.promise).toBeUndefined();
  });

  it.each([
    ['what it fails of', '() => undefined', 'not_found'],
    ['what its listener throws', '() => { throw new Error("of its own") }', 'of its own'],
  ])('is heard without onExit: %s', async (_, onChange, said) => {
    await using sandbox = await terrarium.create({ engine: 'process' });
    const script = `
      import { connect } from ${JSON.stringify(join(import.meta.dirname, 'client/index.ts'))};
      const sandbox = await connect({ home: ${JSON.stringify(home.path)} }).sandbox(${JSON.stringify(sandbox.id)});
      await sandbox.files.watch('.', { onChange: ${onChange} });
      await sandbox.files.write('one', 'x');
      if (${JSON.stringify(said)} === 'not_found') await sandbox.kill();
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(stderr).toContain(said);
    expect(code).toBe(1);
  });

  it('ends with its signal, and with its sandbox', async () => {
    const sandbox = await terrarium.create({ engine: 'process' });
    const stop = new AbortController();
    const watch = await sandbox.files.watch('.', { signal: stop.signal });
    stop.abort();
    for await (const change of watch) throw new Error(`nothing has changed: ${change.path}`);
    const exit = Promise.withResolvers<unknown>();
    await sandbox.files.watch('.', { onChange: () => undefined, onExit: exit.resolve });
    await sandbox.kill();
    expect(await exit.promise).toMatchObject({ code: 'not_found' });
  });

  it('says when there is too much to watch, at once and later', async () => {
    await using sandbox = await terrarium.create({ engine: 'process' });
    await sandbox.exec('mkdir many few; seq 1 10001 | sed s,^,many/, | xargs touch');
    await expect(sandbox.files.watch('many')).rejects.toMatchObject({ code: 'limit_exceeded' });
    const exit = Promise.withResolvers<unknown>();
    await sandbox.files.watch('few', { recursive: true, onChange: () => undefined, onExit: exit.resolve });
    await sandbox.exec('mv many few/');
    expect(await exit.promise).toMatchObject({ code: 'limit_exceeded' });
    await expect(sandbox.files.watch('nowhere')).rejects.toMatchObject({ code: 'not_found' });
    await sandbox.files.write('file', '');
    await expect(sandbox.files.watch('file')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('has so many watches of a sandbox, and room again when one has ended', async () => {
    await using sandbox = await terrarium.create({ engine: 'process' });
    const watches = await Promise.all(Array.from({ length: 16 }, () => sandbox.files.watch('.')));
    await expect(sandbox.files.watch('.')).rejects.toMatchObject({ code: 'limit_exceeded' });
    await watches[0]?.stop();
    await waitFor('room for another', async () => {
      try {
        await (await sandbox.files.watch('.')).stop();
        return true;
      } catch {
        return false;
      }
    });
  });

  it('is a stream of events over HTTP', async () => {
    await using sandbox = await terrarium.create({ engine: 'process' });
    const stop = new AbortController();
    const url = `http://127.0.0.1:${host.port}/api/v1/sandboxes/${sandbox.id}/files/watch?path=.&recursive=true`;
    const response = await fetch(url, { headers: { Authorization: `Bearer ${host.token}` }, signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let said = '';
    const read = async () => {
      for await (const chunk of response.body ?? []) said += Buffer.from(chunk).toString();
    };
    const reading = read().catch((error: unknown) => error);
    await waitFor('the beginning', async () => said.includes('"ready"'));
    await sandbox.files.write('one/two', 'x');
    await waitFor('the change', async () => said.includes('"one/two"'));
    stop.abort();
    expect(await reading).toMatchObject({ name: 'AbortError' });
  });

  it('is no use of a sandbox, whose idle time goes on', async () => {
    const sandbox = await terrarium.create({ engine: 'process', limits: { idleTimeMs: 2000 } });
    await using _watch = await sandbox.files.watch('.');
    await waitFor('its end', async () => (await sandbox.info()).state === 'stopped');
    await sandbox.kill();
  });
});

await describeNamespace('namespace', () => suite({ engine: 'namespace' }, '.'));

const image = { engine: 'docker', source: { type: 'image', reference: TEST_IMAGE }, profile: 'trusted' } as const;
describeUnless(await dockerMissing(), 'docker', () => {
  describe('its workspace', () => suite(image, '/workspace'));
  describe('its own files', () => suite(image, '/srv'));
});
