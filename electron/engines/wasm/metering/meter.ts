import { createReader, createWriter, type Reader, s64, u32 } from './binary.ts';
import { meterCode } from './meter-code.ts';

/** Names under which a metered module exports what its meter counts: mutable globals, an i64 and an i32. */
export const FUEL = 'terrarium:fuel';
export const REFUSED = 'terrarium:refused';
/** The function that would run while the module is instantiated, before its fuel could be set. Call it first. */
export const START = 'terrarium:start';

export const PAGE_BYTES = 65_536;

export interface MeterOptions {
  /** Counts instructions down from what the global `FUEL` is set to, and traps once it is below 0. */
  readonly fuel: boolean;
  /** The most pages that the memory may grow to; as many as the module says when undefined. */
  readonly maxPages: number | undefined;
}

const section = { type: 1, import: 2, function: 3, memory: 5, global: 6, export: 7, start: 8, code: 10 } as const;
/** The order in which sections follow each other, by their numbers. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/**
 * Rewrites a WebAssembly binary so that its memory has a maximum, that it counts how often growing was refused,
 * and, if asked, the instructions that it runs. What is counted is fixed by the module alone: no run and no
 * machine differs. Throws a SyntaxError for what it does not understand.
 *
 * An instruction costs 1; marks (`block`, `loop`, `else`, `end`, `nop`) cost nothing; filling and copying
 * memory cost 1 more for every 8 bytes.
 */
export function meter(module: Uint8Array, options: MeterOptions): Uint8Array {
  if (module.length < 8 || createReader(module).u32() !== 0) throw new SyntaxError('this is no WebAssembly module');
  const sections: { id: number; begin: number; end: number }[] = [];
  for (const reader = createReader(module, 8); !reader.done; ) {
    const id = reader.byte();
    const size = reader.u32();
    sections.push({ id, begin: reader.at, end: reader.at + size });
    reader.skip(size);
  }
  const open = (id: number): Reader | null => {
    const found = sections.find((each) => each.id === id);
    return found ? createReader(module, found.begin, found.end) : null;
  };

  const types = readTypes(open(section.type));
  const imports = readImports(open(section.import));
  const own = readIndices(open(section.function));
  const globals = imports.globals + (open(section.global)?.u32() ?? 0);
  const counters = { fuel: globals, refused: globals + 1 };
  const parameters = own.map((type) => types[type] ?? 0);

  // Where it is counted, all of it is.
  const start = options.fuel ? open(section.start)?.u32() : undefined;

  const rewritten = new Map<number, Uint8Array>();
  const add = (id: number, entries: readonly (readonly number[])[]) => {
    const found = sections.find((each) => each.id === id);
    const reader = open(id);
    const count = reader?.u32() ?? 0;
    const writer = createWriter(64);
    writer.put(u32(count + entries.length));
    if (found && reader) writer.copy(module, reader.at, found.end);
    for (const entry of entries) writer.put(entry);
    rewritten.set(id, writer.bytes());
  };
  const name = (text: string) => [...u32(text.length), ...Buffer.from(text)];
  add(section.global, [
    [0x7e, 1, 0x42, ...s64(2n ** 63n - 1n), 0x0b],
    [0x7f, 1, 0x41, 0, 0x0b],
  ]);
  add(section.export, [
    [...name(FUEL), 3, ...u32(counters.fuel)],
    [...name(REFUSED), 3, ...u32(counters.refused)],
    ...(start === undefined ? [] : [[...name(START), 0, ...u32(start)]]),
  ]);
  const memory = open(section.memory);
  if (memory) rewritten.set(section.memory, limitMemory(memory, options.maxPages));
  const code = sections.find(({ id }) => id === section.code);
  if (code) rewritten.set(section.code, meterCode(module, code, { parameters, counters, fuel: options.fuel }));

  const output = createWriter(module.length * 2);
  output.copy(module, 0, 8);
  const put = (id: number, bytes: Uint8Array) => {
    output.put([id, ...u32(bytes.length)]);
    output.put(bytes);
    rewritten.delete(id);
  };
  /** Those that were not there, before the first that comes after them. */
  const putMissing = (before: number) => {
    for (const id of ORDER.slice(0, before < 0 ? ORDER.length : before)) {
      const bytes = rewritten.get(id);
      if (bytes && !sections.some((each) => each.id === id)) put(id, bytes);
    }
  };
  for (const { id, begin, end } of sections) {
    if (id !== 0) putMissing(ORDER.indexOf(id));
    if (id === section.start && start !== undefined) continue;
    put(id, rewritten.get(id) ?? module.subarray(begin, end));
  }
  putMissing(-1);
  return output.bytes();
}

/** How many parameters each type has. */
function readTypes(reader: Reader | null): readonly number[] {
  if (!reader) return [];
  return Array.from({ length: reader.u32() }, () => {
    if (reader.byte() !== 0x60) throw new SyntaxError('types of garbage collection are not known to the meter');
    const parameters = reader.u32();
    for (let left = parameters; left > 0; left -= 1) skipValueType(reader);
    for (let left = reader.u32(); left > 0; left -= 1) skipValueType(reader);
    return parameters;
  });
}

function readImports(reader: Reader | null): { readonly globals: number } {
  let globals = 0;
  for (let left = reader?.u32() ?? 0; reader && left > 0; left -= 1) {
    reader.skip(reader.u32());
    reader.skip(reader.u32());
    switch (reader.byte()) {
      case 0:
        reader.skipNumber();
        break;
      case 1:
        skipValueType(reader);
        skipLimits(reader);
        break;
      case 2:
        skipLimits(reader);
        break;
      case 3:
        skipValueType(reader);
        reader.skip(1);
        globals += 1;
        break;
      case 4:
        reader.skip(1);
        reader.skipNumber();
        break;
      default:
        throw new SyntaxError('an import is not known to the meter');
    }
  }
  return { globals };
}

const readIndices = (reader: Reader | null): readonly number[] =>
  reader ? Array.from({ length: reader.u32() }, () => reader.u32()) : [];

function skipValueType(reader: Reader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.skipNumber();
}

function skipLimits(reader: Reader): void {
  const flags = reader.byte();
  reader.skipNumber();
  if (flags & 1) reader.skipNumber();
}

function limitMemory(reader: Reader, maxPages: number | undefined): Uint8Array {
  const count = reader.u32();
  if (count > 1) throw new SyntaxError('more than one memory is not known to the meter');
  if (count === 0) return Uint8Array.of(0);
  const flags = reader.byte();
  if (flags > 3) throw new SyntaxError('a 64-bit memory is not known to the meter');
  const least = reader.u32();
  const said = flags & 1 ? reader.u32() : undefined;
  const most = Math.min(said ?? Number.POSITIVE_INFINITY, maxPages ?? Number.POSITIVE_INFINITY);
  if (most < least) {
    throw new RangeError(`the module needs ${least * PAGE_BYTES} bytes of memory to begin with`);
  }
  return Uint8Array.from(
    Number.isFinite(most) ? [1, flags | 1, ...u32(least), ...u32(most)] : [1, flags, ...u32(least)],
  );
}
