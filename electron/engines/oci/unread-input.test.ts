import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { feedInput } from '../../lib/feed-input.ts';
import type { OciClient } from './client.ts';
import { connectTo } from './connection.ts';
import { dockerDialect } from './docker-dialect.ts';
import { startExec } from './exec-session.ts';
import { surviveUnreadInput } from './unread-input.ts';

/** More than Node reads in one go, and less than a socket holds that nobody reads. */
const OUTPUT = Buffer.alloc(100_000, 'output ');
/** More than a socket holds that nobody reads. */
const TOO_MUCH = Buffer.alloc(8_000_000);

let folder: string;
let server: Server;
let client: OciClient;
/** The command's connection: here, and at the fake daemon, which never reads from it. */
let here: Duplex;
let there: Duplex;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-unread-'));
  const path = join(folder, 'daemon.sock');
  const upgraded = Promise.withResolvers<Duplex>();
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"Id":"exec"}');
  });
  server.on('upgrade', (_request, socket) => {
    socket.pause();
    socket.on('error', () => undefined); // as the daemon, which is done with it
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    upgraded.resolve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  client = connectTo(
    { url: `unix://${path}`, origin: 'test', tls: null },
    { engine: 'Fake', dialect: dockerDialect, log: pino({ level: 'silent' }) },
  );
  const session = await startExec(client, 'sandbox', {
    argv: ['true'],
    env: {},
    marker: { name: 'MARKER', value: 'test' },
    tty: false,
    stdin: true,
  });
  here = session.socket;
  there = await upgraded.promise;
});

afterEach(async () => {
  client.dispose();
  there.destroy();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await rm(folder, { recursive: true });
});

/** The command writes its output and ends, all before anybody here reads: Node makes small writes and closes at once. */
function endCommand(): void {
  there.write(OUTPUT);
  there.destroy();
}

/** Reads to a regular end, slowly, so that what breaks meanwhile finds output that is not read yet. */
async function readSlowly(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of here) {
    pieces.push(piece);
    for (let turns = 0; turns < 10; turns += 1) await turn();
  }
  return Buffer.concat(pieces);
}

it('reads all output when the first input is written after the command’s end', async () => {
  endCommand();
  here.write('input');
  expect((await readSlowly()).equals(OUTPUT)).toBe(true);
  await expect.poll(() => here.closed).toBe(true);
});

it.each([
  { which: 'all of the input, which the connection held', input: Buffer.from('input') },
  { which: 'more input than the connection holds', input: TOO_MUCH },
])('reads all output when the command leaves unread $which', async ({ input }) => {
  const fed = feedInput(here, input);
  endCommand();
  expect((await readSlowly()).equals(OUTPUT)).toBe(true);
  await fed;
  await expect.poll(() => here.closed).toBe(true);
});

/** As what another transport than a socket gives: without a `_final`, and with failures of its own. */
function transport(code?: string): Duplex {
  return new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      done(code === undefined ? null : Object.assign(new Error('refused'), { code }));
    },
  });
}

it('ends the input of a transport that is no socket, and goes on reading it', async () => {
  const channel = transport();
  surviveUnreadInput(channel, { resetIsEnd: false });
  channel.end('input');
  await once(channel, 'finish');
  channel.push('output');
  channel.push(null);
  expect(await text(channel)).toBe('output');
});

it.each([
  ['EPIPE', null],
  ['ECONNRESET', 'ECONNRESET'],
  ['ETIMEDOUT', 'ETIMEDOUT'],
])('of a connection over the network, %s at a write is told as %s', async (code, told) => {
  const connection = transport(code);
  surviveUnreadInput(connection, { resetIsEnd: false });
  const failure = new Promise<string | null>((resolve) => {
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    connection.once('finish', () => resolve(null));
  });
  connection.write('input');
  expect(await failure).toBe(told);
});

it('asks for no more input than fits, and for none once the command has ended', async () => {
  let given = 0;
  let returned = false;
  async function* endless() {
    try {
      for (;;) {
        given += 1;
        yield Buffer.alloc(65_536);
      }
    } finally {
      returned = true;
    }
  }
  const fed = feedInput(here, endless());
  await expect.poll(() => here.writableNeedDrain).toBe(true);
  const before = given;
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(given).toBe(before);
  endCommand();
  // Nobody reads yet: it is the refused input alone that ends the feeding.
  await fed;
  expect({ given, returned, closed: here.closed }).toEqual({ given: before, returned: true, closed: false });
  expect((await readSlowly()).equals(OUTPUT)).toBe(true);
});
