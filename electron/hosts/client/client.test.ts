import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readState, writeState } from '../server/state-file.ts';
import { hostForTests } from '../testing/host-for-tests.ts';
import { makeHome, startHost } from '../testing/host-process.ts';
import { connect, isAppError, type Terrarium } from './index.ts';

const run = promisify(execFile);

const { home, host } = hostForTests();
let terrarium: Terrarium;

beforeAll(async () => {
  terrarium = connect({ home: home.path });
});
afterAll(async () => {
  terrarium.close();
});

const byClient = async () => (await host.client.sandboxes.list({})).map(({ name }) => name);

it('makes a sandbox, runs a command in it, and destroys it at the end of the block', async () => {
  {
    await using sandbox = await terrarium.create({ engine: 'process', name: 'block', env: { GREETING: 'hello' } });
    expect(await byClient()).toContain('block');
    const result = await sandbox.exec('echo "$GREETING $1"; echo oh >&2; exit 3');
    expect(result).toMatchObject({
      state: 'exited',
      exitCode: 3,
      stdout: 'hello \n',
      stderr: 'oh\n',
      truncated: false,
    });
    expect((await sandbox.exec(['printf', '%s|', 'a b', "it's"])).stdout).toBe("a b|it's|");
  }
  expect(await byClient()).not.toContain('block');
});

it('hands the output on as it comes, and takes input, a folder and variables', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const pieces: string[] = [];
  const command = await sandbox.commands.start('echo first; read -r line; echo "$line $WHERE $(pwd)"', {
    stdin: 'second\n',
    env: { WHERE: 'in' },
    cwd: '/tmp',
    onStdout: (text) => void pieces.push(text),
  });
  expect(await command.wait()).toMatchObject({ exitCode: 0, stdout: 'first\nsecond in /tmp\n' });
  expect(pieces.join('')).toBe('first\nsecond in /tmp\n');
});

it('kills a command, by its handle, its time and a signal', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const command = await sandbox.commands.start('sleep 600');
  await command.kill();
  expect((await command.wait()).state).toBe('cancelled');
  expect(await sandbox.exec('sleep 600', { timeoutMs: 100 })).toMatchObject({ state: 'timeout', exitCode: null });
  const stop = new AbortController();
  const aborted = sandbox.exec('echo up; sleep 600', { signal: stop.signal, onStdout: () => stop.abort() });
  await expect(aborted).rejects.toMatchObject({ name: 'AppError', code: 'cancelled' });
});

it('sends a command a signal, which has the last word', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const ready = Promise.withResolvers<void>();
  const command = await sandbox.commands.start("trap 'exit 7' USR1; echo ready; while :; do sleep 0.1; done", {
    onStdout: () => ready.resolve(),
  });
  await ready.promise;
  await command.kill('SIGUSR1');
  expect(await command.wait()).toMatchObject({ state: 'exited', exitCode: 7 });
  await command.kill('SIGUSR1');
  await using module = await terrarium.create({ engine: 'wasm', runtime: 'quickjs' });
  const computing = await module.commands.start(['qjs', '-e', 'for (;;);']);
  await expect(computing.kill('SIGTERM')).rejects.toMatchObject({ code: 'unsupported' });
  await computing.kill();
  expect((await computing.wait()).state).toBe('cancelled');
});

it('carries any bytes, as fast as they are taken', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  async function* input() {
    for (let index = 0; index < 64; index += 1) yield new Uint8Array(65_536).fill(index);
  }
  const [count] = (await sandbox.exec(['sha256sum'], { stdin: input() })).stdout.split(' ');
  const expected = createHash('sha256');
  for await (const piece of input()) expected.update(piece);
  expect(count).toBe(expected.digest('hex'));
  // Characters that are cut in two on their way.
  const text = '世界'.repeat(300_000);
  const { stdout, truncated } = await sandbox.exec('cat', { stdin: text });
  expect(stdout === text).toBe(true);
  expect(truncated).toBe(false);
});

it('reads and writes files, small and large', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const { files } = sandbox;
  await files.write('notes/今天.txt', 'hello\n', { mode: 0o600 });
  expect(await files.read('notes/今天.txt')).toBe('hello\n');
  expect(await files.stat('notes/今天.txt')).toMatchObject({ type: 'file', size: 6, mode: 0o600 });
  expect((await files.list('notes')).map(({ name }) => name)).toEqual(['今天.txt']);
  expect((await sandbox.exec('cat notes/*')).stdout).toBe('hello\n');

  const large = randomBytes(9 * 1024 * 1024);
  await files.write('large', large);
  expect(Buffer.compare(large, await files.readBytes('large'))).toBe(0);
  await files.rename('large', 'copy');
  expect([await files.exists('large'), await files.exists('copy')]).toEqual([false, true]);
  await expect(files.read('copy')).rejects.toMatchObject({ code: 'unsupported' });
  await files.makeDir('a/b/c');
  await expect(files.remove('a')).rejects.toMatchObject({ code: 'conflict' });
  await files.remove('a', { recursive: true });
  await expect(files.stat('a')).rejects.toMatchObject({ code: 'not_found' });
});

it('opens a terminal that the window lists as a console', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const drawn = Promise.withResolvers<void>();
  let text = '';
  const pty = await sandbox.pty.open({
    command: ['sh'],
    cols: 91,
    rows: 17,
    onData: (data) => {
      text += data;
      if (text.includes('17 91')) drawn.resolve();
    },
  });
  expect((await host.client.consoles.list({ sandboxId: sandbox.id })).map(({ id }) => id)).toEqual([pty.id]);
  pty.write('stty size\r');
  await drawn.promise;
  pty.write('exit 4\r');
  expect(await pty.exited).toMatchObject({ code: 4, signal: null });
});

it('finds one by its name, leaves it at the end of the block, and stops and starts it', async () => {
  const made = await terrarium.create({ engine: 'process', name: 'kept', command: ['sleep', '600'] });
  {
    await using found = await terrarium.sandbox('kept');
    expect(found.id).toBe(made.id);
    expect((await found.stop(0)).state).toBe('stopped');
    expect((await found.start()).state).toBe('running');
    expect((await found.pause()).state).toBe('paused');
    expect((await found.resume()).state).toBe('running');
  }
  expect((await made.info()).state).toBe('running');
  await made.kill();
  await made.kill();
  await expect(terrarium.sandbox('kept')).rejects.toMatchObject({ code: 'not_found', hint: expect.any(String) });
});

it('refuses with the host’s own words, and leaves nothing behind', async () => {
  const limited = terrarium.create({ engine: 'process', limits: { cpuCores: 1 } });
  await expect(limited).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('core') });
  const both = terrarium.create({ engine: 'docker', image: 'x', source: { type: 'empty' } });
  await expect(both).rejects.toMatchObject({ code: 'invalid_input' });
  const failing = terrarium.create({ engine: 'process', name: 'failing', command: ['/no/such/program'] });
  await expect(failing).rejects.toSatisfy((error) => isAppError(error));
  expect(await byClient()).not.toContain('failing');
});

it('tells that no host runs, and that a token is wrong', async () => {
  const empty = await makeHome();
  await expect(connect({ home: empty.path }).list()).rejects.toMatchObject({
    code: 'disconnected',
    hint: expect.stringContaining('terrarium serve'),
  });
  await empty.remove();
  const wrong = connect({ port: host.port, token: 'wrong' });
  await expect(wrong.list()).rejects.toMatchObject({ code: 'denied' });
});

describe('the state file of a host that was killed', () => {
  /** Somebody has its port and does not take its token. */
  const stale = async (whenAsked: (home: string) => Promise<void>) => {
    const place = await makeHome();
    const gone = spawn('true');
    await once(gone, 'exit');
    const server = createServer().on('upgrade', async (_request, socket) => {
      await whenAsked(place.path);
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await writeState(place.path, { pid: gone.pid ?? 0, port, token: 'of the killed one' });
    const client = connect({ home: place.path });
    return {
      client,
      async [Symbol.asyncDispose]() {
        client.close();
        server.close();
        await place.remove();
      },
    };
  };

  it('tells of none that runs', async () => {
    await using killed = await stale(async () => undefined);
    const told = { code: 'disconnected', message: 'No Terrarium is running' };
    await expect(killed.client.list()).rejects.toMatchObject(told);
  });

  it('is read again when the next one has the port and writes its own', async () => {
    const next = await readState(home.path);
    if (!next) throw new Error('the host of the tests has no state file');
    await using killed = await stale((folder) => writeState(folder, next));
    expect(await killed.client.list()).toEqual([]);
  });
});

it('connects again after its host was killed and another one came', async () => {
  const place = await makeHome();
  const first = await startHost(place.path);
  using mine = connect({ home: place.path });
  const sandbox = await mine.create({ engine: 'process' });
  const running = await sandbox.commands.start('sleep 600');
  const broken = expect(running.wait()).rejects.toMatchObject({ code: 'disconnected' });
  await first.kill();
  await broken;
  const second = await startHost(place.path);
  expect((await sandbox.exec('echo back')).stdout).toBe('back\n');
  await sandbox.kill();
  await second.stop();
  await place.remove();
});

it('lets go of an input that nobody reads to its end', async () => {
  await using sandbox = await terrarium.create({ engine: 'process' });
  const returned = Promise.withResolvers<void>();
  const input: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      async return() {
        returned.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
  expect((await sandbox.exec('echo done', { stdin: input })).stdout).toBe('done\n');
  await returned.promise;
});

it('lets a process end by itself that has nothing under way', async () => {
  const script = `
    import { connect, Sandbox } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const sandbox = await Sandbox.create({ engine: 'process', name: 'left' });
    const events = await connect().api.events.watch({});
    await events.return();
    console.log((await sandbox.exec('echo it ran')).stdout.trim(), (await Sandbox.list()).length > 0);`;
  const env = { ...process.env, TERRARIUM_HOME: home.path };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env });
  expect(stdout).toBe('it ran true\n');
  await (await terrarium.sandbox('left')).kill();
});
