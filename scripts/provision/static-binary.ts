import { closeSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../lib/processes.ts';

const headerBytes = 64;
const programHeaderInterpreter = 3;

/**
 * True for a 64-bit little-endian ELF program that asks for no dynamic loader (elf(5): no PT_INTERP
 * program header), so that it runs in a root file system that holds nothing else.
 */
export function isStaticBinary(path: string): boolean {
  const file = openOrNull(path);
  if (file === null) return false;
  try {
    const header = readAt(file, 0, headerBytes);
    if (header.length < headerBytes || header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return false;
    const tableOffset = Number(header.readBigUInt64LE(32));
    const entrySize = header.readUInt16LE(54);
    const entries = header.readUInt16LE(56);
    const table = readAt(file, tableOffset, entrySize * entries);
    return Array.from({ length: entries }, (_, index) => table.readUInt32LE(index * entrySize)).every(
      (type) => type !== programHeaderInterpreter,
    );
  } finally {
    closeSync(file);
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return null;
    throw error;
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, position));
}
