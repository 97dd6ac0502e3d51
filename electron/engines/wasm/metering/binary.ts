/** Reads the numbers of a WebAssembly binary (LEB128, https://webassembly.github.io/spec/core/binary/values.html). */
export function createReader(bytes: Uint8Array, begin = 0, end = bytes.length) {
  let at = begin;
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined || at >= end) throw new SyntaxError('the module ends too early');
    at += 1;
    return value;
  };
  return {
    get at() {
      return at;
    },
    get done() {
      return at >= end;
    },
    byte,
    u32(): number {
      let value = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        const next = byte();
        value += (next & 0x7f) * 2 ** shift;
        if (next < 0x80) return value;
      }
      throw new SyntaxError('a number in the module is too long');
    },
    /** Over a number of any size. */
    skipNumber(): void {
      while (byte() >= 0x80);
    },
    skip(count: number): void {
      at += count;
      if (at > end) throw new SyntaxError('the module ends too early');
    },
  };
}
export type Reader = ReturnType<typeof createReader>;

export function u32(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) return [...bytes, low];
    bytes.push(low + 128);
  }
}

export function s64(value: bigint): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low + 128);
  }
}

/** Bytes that grow. */
export function createWriter(capacity: number) {
  let buffer = new Uint8Array(capacity);
  let length = 0;
  const room = (more: number) => {
    if (length + more <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  return {
    get length() {
      return length;
    },
    put(values: ArrayLike<number>): void {
      room(values.length);
      buffer.set(values, length);
      length += values.length;
    },
    copy(from: Uint8Array, begin: number, end: number): void {
      room(end - begin);
      buffer.set(from.subarray(begin, end), length);
      length += end - begin;
    },
    clear(): void {
      length = 0;
    },
    bytes: () => buffer.subarray(0, length),
  };
}
