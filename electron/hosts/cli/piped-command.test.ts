import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { program } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const MIB = 1024 * 1024;
const bench = withHost();
const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const exec = (...args: string[]) => spawn(process.execPath, [program, 'exec', ...args], { env: bench.env() });

function suite(name: string): void {
  it('carries 32 MiB of any bytes through cat', async () => {
    const bytes = randomBytes(32 * MIB);
    const child = exec(name, '--', 'cat');
    child.stdin.end(bytes);
    const [hash, hashOfErrors] = [createHash('sha256'), createHash('sha256')];
    child.stdout.on('data', (chunk: Buffer) => hash.update(chunk));
    child.stderr.on('data', (chunk: Buffer) => hashOfErrors.update(chunk));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(hash.digest('hex')).toBe(sha(bytes));
    expect(hashOfErrors.digest('hex')).toBe(sha(Buffer.alloc(0)));
  });

  it('carries any bytes on stderr, too, and the exit code', async () => {
    const bytes = randomBytes(MIB);
    const child = exec(name, '--', 'sh', '-c', 'cat >&2; exit 9');
    child.stdin.end(bytes);
    const chunks: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdout.resume();
    expect(await once(child, 'close')).toEqual([9, null]);
    expect(sha(Buffer.concat(chunks))).toBe(sha(bytes));
  });

  it('ends with a command that does not want all of its input', async () => {
    const child = exec(name, '--', 'head', '-c', '3');
    child.stdin.on('error', () => undefined);
    const timer = setInterval(() => child.stdin.write(Buffer.alloc(65_536, 'abc')), 1);
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    clearInterval(timer);
    expect(told).toBe('abc');
  });
}

describe('process', () => {
  beforeAll(() => bench.create({ name: 'plain' }));
  suite('plain');

  it('is a file, a pipe, or with --no-stdin nothing', async () => {
    const folder = join(bench.home(), 'given');
    await mkdir(folder);
    await writeFile(join(folder, 'text'), 'from a file\n');
    const child = exec('plain', '--', 'cat');
    createReadStream(join(folder, 'text')).pipe(child.stdin);
    expect((await child.stdout.toArray()).join('')).toBe('from a file\n');
    const script = `printf 'a\\nb\\n' | while read -r line; do '${process.execPath}' '${program}' exec --no-stdin plain -- sh -c "echo got $line; cat"; done`;
    const loop = spawn('sh', ['-c', script], { env: bench.env() });
    expect((await loop.stdout.toArray()).join('')).toBe('got a\ngot b\n');
  });

  it('unpacks what tar packs', async () => {
    const script = `cd '${import.meta.dirname}' && tar c commands | '${process.execPath}' '${program}' exec plain -- tar x && '${process.execPath}' '${program}' exec plain -- cat commands/exec.ts | cmp - commands/exec.ts && echo same`;
    const child = spawn('sh', ['-c', script], { env: bench.env() });
    expect((await child.stdout.toArray()).join('')).toBe('same\n');
  });

  it('slows a command down that nobody reads', async () => {
    await bench.create({ name: 'floods' });
    const child = exec('floods', '--', 'sh', '-c', 'head -c 64000000 /dev/zero; touch done');
    await once(child.stdout, 'readable');
    const closed = once(child, 'close');
    // As much, read to its end by another, is the clock: this one would have been over by now.
    const other = exec('plain', '--', 'head', '-c', '64000000', '/dev/zero');
    let read = 0;
    for await (const chunk of other.stdout) read += chunk.length;
    expect(read).toBe(64_000_000);
    expect((await bench.run('exec', 'floods', '--', 'test', '-e', 'done')).code).toBe(1);
    let rest = 0;
    for await (const chunk of child.stdout) rest += chunk.length;
    expect(rest).toBe(64_000_000);
    expect(await closed).toEqual([0, null]);
  });

  it('takes no more than is read of what a command is given', async () => {
    const child = exec('plain', '--', 'sleep', '1000');
    let given = 0;
    const piece = Buffer.alloc(MIB);
    const give = async () => {
      for (let taken = true; taken && given < 64 * MIB; ) {
        taken = child.stdin.write(piece);
        given += piece.length;
      }
      child.stdin.once('drain', () => void give());
    };
    await give();
    // Another's 16 MiB are the clock.
    const other = exec('plain', '--', 'cat');
    other.stdin.end(Buffer.alloc(16 * MIB));
    for await (const chunk of other.stdout) expect(chunk.length).toBeGreaterThan(0);
    expect(given).toBeLessThan(16 * MIB);
    child.stdin.on('error', () => undefined);
    child.kill('SIGINT');
    await once(child, 'close');
  });
});

describeUnless(await dockerMissing(), 'docker', () => {
  beforeAll(() => bench.create({ name: 'box', engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } }));
  suite('box');
});
