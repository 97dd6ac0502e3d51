import type { Reader } from './binary.ts';

/** What an instruction is to whoever counts: most are `plain`. */
export type Flow =
  | 'plain'
  /** Costs nothing: it only marks a place. */
  | 'free'
  /** What follows begins anew, and may be reached from elsewhere. */
  | 'loop'
  | 'join'
  /** May go elsewhere or on. */
  | 'fork'
  /** Never goes on. */
  | 'leave'
  | 'grow'
  /** Takes time by its last operand, a count of bytes. */
  | 'bulk';

export interface Instruction {
  readonly flow: Flow;
  /** How deep the nesting is after it, relative to before. */
  readonly depth: -1 | 0 | 1;
}

const make = (flow: Flow, depth: -1 | 0 | 1 = 0): Instruction => ({ flow, depth });
const plain = make('plain');
const bulk = make('bulk');
const grow = make('grow');
const fork = make('fork');
const leave = make('leave');
const block = make('free', 1);
const loop = make('loop', 1);
/** `if`, and `try_table`, behind which a count begins anew. */
const enter = make('fork', 1);
const other = make('join');
const end = make('join', -1);
const nop = make('free');

const unknown = (code: string): never => {
  throw new SyntaxError(`the instruction ${code} is not known to the meter`);
};

/** A type, or nothing, or a type's index: one signed number, or two for references. */
function skipType(reader: Reader): void {
  const first = reader.byte();
  if (first === 0x63 || first === 0x64) reader.skipNumber();
  else if (first >= 0x80) reader.skipNumber();
}

function skipMemory(reader: Reader): void {
  const flags = reader.u32();
  if (flags & 0x40) reader.skipNumber();
  reader.skipNumber();
}

/**
 * Reads one instruction with all that belongs to it. Knows WebAssembly 2.0 with exceptions, tail calls, threads
 * and relaxed SIMD, by https://webassembly.github.io/spec/core/binary/instructions.html; not garbage collection.
 */
export function readInstruction(reader: Reader): Instruction {
  const code = reader.byte();
  if (code >= 0x45 && code <= 0xc4) return plain;
  if (code >= 0x28 && code <= 0x3e) {
    skipMemory(reader);
    return plain;
  }
  if (code >= 0x20 && code <= 0x26) {
    reader.skipNumber();
    return plain;
  }
  switch (code) {
    case 0x00:
      return leave;
    case 0x01:
      return nop;
    case 0x02:
    case 0x06:
      skipType(reader);
      return block;
    case 0x03:
      skipType(reader);
      return loop;
    case 0x04:
      skipType(reader);
      return enter;
    case 0x05:
    case 0x19:
      return other;
    case 0x07:
      reader.skipNumber();
      return other;
    case 0x08:
    case 0x09:
    case 0x0c:
    case 0x12:
    case 0x15:
      reader.skipNumber();
      return leave;
    case 0x0a:
    case 0x0f:
      return leave;
    case 0x0b:
      return end;
    case 0x18:
      reader.skipNumber();
      return end;
    case 0x0d:
    case 0xd5:
    case 0xd6:
      reader.skipNumber();
      return fork;
    case 0x0e:
      for (let left = reader.u32() + 1; left > 0; left -= 1) reader.skipNumber();
      return leave;
    case 0x10:
    case 0x14:
    case 0x3f:
    case 0x41:
    case 0x42:
    case 0xd0:
    case 0xd2:
      reader.skipNumber();
      return plain;
    case 0x11:
      reader.skipNumber();
      reader.skipNumber();
      return plain;
    case 0x13:
      reader.skipNumber();
      reader.skipNumber();
      return leave;
    case 0x1a:
    case 0x1b:
    case 0xd1:
    case 0xd3:
    case 0xd4:
      return plain;
    case 0x1c:
      for (let left = reader.u32(); left > 0; left -= 1) skipType(reader);
      return plain;
    case 0x1f:
      skipType(reader);
      for (let left = reader.u32(); left > 0; left -= 1) {
        const kind = reader.byte();
        if (kind < 2) reader.skipNumber();
        reader.skipNumber();
      }
      return enter;
    case 0x40:
      reader.skipNumber();
      return grow;
    case 0x43:
      reader.skip(4);
      return plain;
    case 0x44:
      reader.skip(8);
      return plain;
    case 0xfc:
      return readMiscellaneous(reader);
    case 0xfd:
      return readVector(reader);
    case 0xfe:
      return readAtomic(reader);
    default:
      return unknown(`0x${code.toString(16)}`);
  }
}

function readMiscellaneous(reader: Reader): Instruction {
  const code = reader.u32();
  if (code <= 7) return plain;
  if (code > 17) return unknown(`0xfc ${code}`);
  reader.skipNumber();
  if (code === 8 || code === 10 || code === 12 || code === 14) reader.skipNumber();
  return code === 8 || code === 10 || code === 11 ? bulk : plain;
}

function readVector(reader: Reader): Instruction {
  const code = reader.u32();
  if (code <= 11 || code === 92 || code === 93) skipMemory(reader);
  else if (code === 12 || code === 13) reader.skip(16);
  else if (code >= 21 && code <= 34) reader.skip(1);
  else if (code >= 84 && code <= 91) {
    skipMemory(reader);
    reader.skip(1);
  }
  return plain;
}

function readAtomic(reader: Reader): Instruction {
  if (reader.u32() === 3) reader.skip(1);
  else skipMemory(reader);
  return plain;
}
