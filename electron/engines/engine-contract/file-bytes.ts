import { createHash } from 'node:crypto';
import type { FileEntry } from '../../../shared/contract/files.ts';
import type { FileStore } from '../engine.ts';

export type Bytes = AsyncIterable<Uint8Array>;

export async function* bytesOf(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function textOf(bytes: Bytes): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(Uint8Array.from(piece));
  return Buffer.concat(parts).toString();
}

/** So many bytes that are not all alike, made as they are asked for. */
export async function* manyBytes(count: number, piece = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += piece) {
    const part = Buffer.alloc(Math.min(piece, count - at));
    for (let index = 0; index + 4 <= part.length; index += 4096) part.writeUInt32LE((at + index) >>> 0, index);
    yield part;
  }
}

/** Without keeping them. */
export async function digestOf(
  bytes: Bytes,
): Promise<{ readonly size: number; readonly digest: string; readonly largest: number }> {
  const hash = createHash('sha256');
  let size = 0;
  let largest = 0;
  for await (const piece of bytes) {
    hash.update(piece);
    size += piece.byteLength;
    largest = Math.max(largest, piece.byteLength);
  }
  return { size, digest: hash.digest('hex'), largest };
}

const never = new AbortController().signal;

/** What is not in pieces. */
export function shorthands(files: FileStore) {
  return {
    read: (ref: string, path: string) => textOf(files.read(ref, path, { offset: 0, signal: never })),
    write: (ref: string, path: string, text: string) => files.write(ref, path, bytesOf(text), { signal: never }),
    async list(ref: string, path: string): Promise<readonly FileEntry[]> {
      const all: FileEntry[] = [];
      for await (const batch of files.list(ref, path, never)) all.push(...batch);
      return all;
    },
  };
}
