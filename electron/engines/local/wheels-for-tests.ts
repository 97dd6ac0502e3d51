/** For tests: wheels written here, and an index that serves them. */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** As in `Requires-Dist`. */
  readonly requires?: readonly string[];
}

/** A pure-Python wheel whose module says its version (PEP 427): a zip of stored, not compressed, files. */
export function wheelBytes({ name, version, requires = [] }: Wheel): Buffer {
  const info = `${name}-${version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    `Summary: The package ${name} of a test`,
    ...requires.map((each) => `Requires-Dist: ${each}`),
  ];
  const files = new Map([
    [`${name}/__init__.py`, `version = '${version}'\n`],
    [`${info}/METADATA`, `${metadata.join('\n')}\n`],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
  ]);
  const record = `${info}/RECORD`;
  files.set(record, `${[...files.keys(), record].map((file) => `${file},,`).join('\n')}\n`);
  return zipBytes(files);
}

export const wheelName = ({ name, version }: Wheel): string => `${name}-${version}-py3-none-any.whl`;

export async function writeWheels(folder: string, wheels: readonly Wheel[]): Promise<void> {
  for (const wheel of wheels) await writeFile(join(folder, wheelName(wheel)), wheelBytes(wheel));
}

export interface Index extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

/** A simple index (PEP 503) on the loopback. With `stall`, files begin and never end. */
export async function serveIndex(wheels: readonly Wheel[], { stall = false } = {}): Promise<Index> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const wheel = wheels.find((each) => path === `/files/${wheelName(each)}`);
    if (wheel) {
      const bytes = wheelBytes(wheel);
      response.setHeader('content-length', bytes.length);
      if (stall) response.write(bytes.subarray(0, 10));
      else response.end(bytes);
      return;
    }
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
    const links = wheels
      .filter(({ name }) => name === project)
      .map((each) => `<a href="/files/${wheelName(each)}">${wheelName(each)}</a>`);
    response.statusCode = links.length > 0 ? 200 : 404;
    response.setHeader('content-type', 'text/html');
    response.end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * A zip of stored files. `mode`: of the last one, as Unix has it; `claim`: the last one is compressed, and said to be
 * so many bytes.
 */
export function zipBytes(
  files: ReadonlyMap<string, string>,
  { mode = 0, claim }: { readonly mode?: number; readonly claim?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const isLast = parts.length === files.size - 1;
    const path = Buffer.from(name);
    const lies = isLast && claim !== undefined;
    const data = lies ? deflateRawSync(text) : Buffer.from(text);
    // The fields that both headers share: version, flags, method, time, date, checksum, sizes, name's length.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x21, 8); // 1980-01-01
    if (lies) shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(text), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(lies ? claim : data.length, 18);
    shared.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, path, data]);
    const rest = Buffer.alloc(14);
    if (isLast) rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, path]));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}
