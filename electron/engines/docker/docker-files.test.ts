import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bytesOf } from '../engine-contract/file-bytes.ts';
import { run, sh } from '../engine-contract/fixture.ts';
import { type Bench, createBench, createTestEngine, describeDocker, docker, IMAGE } from './test-support.ts';

/** Its programs run as a user by name. */
const NAMED = 'terrarium-test/named-user:latest';
const never = new AbortController().signal;

await describeDocker('docker: files', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench(createTestEngine(randomBytes(6).toString('hex')));
    const container = await docker('create', IMAGE);
    await docker('commit', '--change', 'USER root', container, NAMED);
    await docker('rm', container);
  });
  afterEach(() => bench.clear());
  afterAll(async () => {
    await bench.dispose();
    await docker('rmi', NAMED);
  });
  const filesOf = () => {
    const { files } = bench.engine;
    if (!files) throw new Error('docker has files');
    return files;
  };

  it('takes no copy of a file that is too large for it, whatever it claims to be', async () => {
    const { ref } = await bench.running({ profile: 'trusted' });
    await run(bench.engine, ref, sh('truncate -s 1024G /huge; echo small >/small'));
    const sizes: number[] = [];
    const enough = new Error('enough');
    const onSize = (bytes: number) => {
      sizes.push(bytes);
      if (bytes > 100) throw enough;
    };
    const read = (path: string, onSizeIs = onSize) =>
      Array.fromAsync(filesOf().read(ref, path, { offset: 0, signal: never, onSize: onSizeIs }));
    await expect(read('/huge')).rejects.toBe(enough);
    expect(Buffer.concat(await read('/small')).toString()).toBe('small\n');
    expect(sizes).toEqual([2 ** 40, 6]);
    // Nor where the caller takes any.
    await expect(read('/huge', () => undefined)).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('/huge'),
    });
  });

  it('says why a write failed, also where nothing can be cleaned up after it', async () => {
    const { ref } = await bench.running({ profile: 'trusted' });
    await run(bench.engine, ref, sh('echo old >/file; rm "$(which mv)" "$(which rm)"'));
    const written = filesOf().write(ref, '/file', bytesOf('new'), { signal: never });
    await expect(written).rejects.toThrow(/\bmv\b/);
    expect((await run(bench.engine, ref, sh('cat /file'))).stdout.toString()).toBe('old\n');
  });

  it('looks for a user’s name in no file of users that is too large', async () => {
    const { ref } = await bench.running({ profile: 'trusted', source: { type: 'image', reference: NAMED } });
    await filesOf().write(ref, '/one', bytesOf('x'), { signal: never });
    await run(bench.engine, ref, sh('truncate -s 1024G /etc/passwd'));
    await expect(filesOf().write(ref, '/two', bytesOf('x'), { signal: never })).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('/etc/passwd'),
    });
    // To read needs none.
    expect(await Array.fromAsync(filesOf().read(ref, '/one', { offset: 0, signal: never }))).toEqual([
      Buffer.from('x'),
    ]);
  });
});
