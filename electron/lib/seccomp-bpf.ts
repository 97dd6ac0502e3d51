/** One instruction of classic BPF (`struct sock_filter`, linux/filter.h). */
export interface Instruction {
  readonly code: number;
  /** Instructions to skip when the comparison holds, and when not. At most 255. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}
export type Program = readonly Instruction[];

/** The opcodes that a filter of system calls needs, see seccomp(2) and linux/bpf_common.h. */
export const opcodes = {
  /** A = the 32-bit word at offset k of the call's `struct seccomp_data`. */
  load: 0x20,
  jump: 0x05,
  jumpIfEqual: 0x15,
  jumpIfAtLeast: 0x35,
  jumpIfAnyBit: 0x45,
  and: 0x54,
  return: 0x06,
} as const;

const FARTHEST = 255;
/** BPF_MAXINSNS. */
const MOST_INSTRUCTIONS = 4096;

const plain = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 });
export const load = (offset: number): Program => [plain(opcodes.load, offset)];
export const and = (mask: number): Program => [plain(opcodes.and, mask)];
export const give = (value: number): Program => [plain(opcodes.return, value)];

type Comparison = 'jumpIfEqual' | 'jumpIfAtLeast' | 'jumpIfAnyBit';

/** `yes` when A compares so with k, else `no`. Both must end in a return or fall out at the very end. */
export function branch(comparison: Comparison, k: number, yes: Program, no: Program): Program {
  const code = opcodes[comparison];
  if (no.length <= FARTHEST) return [{ code, jt: no.length, jf: 0, k: k >>> 0 }, ...no, ...yes];
  // Conditional jumps reach 255 instructions, unconditional ones everything.
  return [{ code, jt: 0, jf: 1, k: k >>> 0 }, plain(opcodes.jump, no.length), ...no, ...yes];
}

/** The bytes that the kernel takes: 8 an instruction, in the machine's order (little-endian on all that Node supports). */
export function encode(program: Program): Buffer {
  if (program.length > MOST_INSTRUCTIONS)
    throw new RangeError(`a filter of ${program.length} instructions is too long`);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(jt, at * 8 + 2);
    bytes.writeUInt8(jf, at * 8 + 3);
    bytes.writeUInt32LE(k, at * 8 + 4);
  }
  return bytes;
}
