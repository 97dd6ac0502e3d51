import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Servers on every address of this machine, to be reached or not. */
export interface Beacon {
  /** What the TCP server says to whoever connects. */
  readonly token: string;
  readonly port: number;
  /** `address:port` of the DNS servers, one an address as a reply must come from there. They know every name, as ANSWER. */
  readonly nameServers: readonly string[];
  /** Names that the DNS server was asked for, even where no answer came back. */
  readonly asked: () => readonly string[];
  /** Connections so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** From the block for documentation (RFC 5737): nobody's. */
export const ANSWER = '203.0.113.77';

export async function createBeacon(): Promise<Beacon> {
  const token = randomBytes(8).toString('hex');
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.end(`${token}\n`);
  });
  server.listen(0, '0.0.0.0');
  const nameServers = hostAddresses().map((address) => {
    const dns = createSocket('udp4');
    dns.on('message', (query, from) => {
      const { name, reply } = answerTo(query);
      asked.push(name);
      dns.send(reply, from.port, from.address);
    });
    dns.bind(0, address);
    return dns;
  });
  await Promise.all([server, ...nameServers].map((each) => once(each, 'listening')));
  return {
    token,
    port: (server.address() as AddressInfo).port,
    nameServers: nameServers.map((dns) => `${dns.address().address}:${dns.address().port}`),
    asked: () => asked,
    connections: () => connections,
    async close() {
      const closed = Promise.all([server, ...nameServers].map((each) => once(each, 'close')));
      for (const each of [server, ...nameServers]) each.close();
      await closed;
    },
  };
}

/** One question, one address (RFC 1035 §4). */
function answerTo(query: Buffer): { readonly name: string; readonly reply: Buffer } {
  const labels: string[] = [];
  let end = 12;
  for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) {
    labels.push(query.toString('latin1', end + 1, end + 1 + length));
    end += 1 + length;
  }
  end += 5; // the root label, type and class
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180, 2); // an answer, without error
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(1, 6);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...ANSWER.split('.').map(Number)]);
  return { name: labels.join('.'), reply: Buffer.concat([head, query.subarray(12, end), record]) };
}

/** This machine's IPv4 addresses, bridges without carrier (a sandbox's gateway) included, 127.0.0.1 first. */
export function hostAddresses(): readonly string[] {
  const found = new Set(['127.0.0.1']);
  for (const each of Object.values(networkInterfaces()).flat()) if (each?.family === 'IPv4') found.add(each.address);
  if (process.platform === 'linux') {
    const trie = readFileSync('/proc/net/fib_trie', 'utf8');
    for (const [, address] of trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)) if (address) found.add(address);
  }
  return [...found];
}
