import type { FileHandle } from 'node:fs/promises';
import {
  MODULE_NAME_MAX,
  MODULE_NAMES_MAX,
  type ModuleExport,
  type ModuleImport,
  type ModuleInfo,
  moduleItemKinds,
} from '../../../shared/contract/modules.ts';
import { createReader, type Reader } from './metering/binary.ts';
import { PAGE_BYTES } from './metering/meter.ts';
import { isGiven } from './module-imports.ts';

/** Numbers and names of https://webassembly.github.io/spec/core/binary/modules.html#sections */
const sectionNames = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const MEMORY = 5;
const EXPORT = 7;
const CUSTOM = 0;

const HEADER_BYTES = 8;
/** Of the sections that are read whole. */
const SECTION_BYTES_MAX = 16 * 1024 * 1024;
const SECTIONS_MAX = 10_000;
/** Functions and types: V8's own limit. */
const ENTRIES_MAX = 1_000_000;
/** Imports and exports, each with names. Pyodide has some thousands. */
const NAMED_MAX = 100_000;
/** Longer names are cut before they are decoded. */
const NAME_BYTES_MAX = MODULE_NAME_MAX * 4;
/** A section's number, its size, and the beginning of its name with the length of that. */
const PEEK_BYTES = 1 + 5 + 5 + NAME_BYTES_MAX;

const valueTypes: Readonly<Record<number, string>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  112: 'funcref',
  111: 'externref',
};

interface Section {
  readonly id: number;
  readonly name: string;
  readonly at: number;
  readonly sizeBytes: number;
}

interface Memory {
  readonly minimumBytes: number;
  readonly maximumBytes: number | null;
}

/**
 * What a module says of itself, read without compiling it and without its code: a stranger's file costs no more than
 * the sections that are listed. Throws a SyntaxError for what is no module that could be read.
 */
export async function readModuleInfo(file: FileHandle, sizeBytes: number): Promise<ModuleInfo> {
  const sections = await readSections(file, sizeBytes);
  const open = async (id: number): Promise<Reader | null> => {
    const found = sections.find((section) => section.id === id);
    if (!found) return null;
    if (found.sizeBytes > SECTION_BYTES_MAX) throw new SyntaxError(`its ${found.name} section is too large`);
    return createReader(await readAt(file, found.at, found.sizeBytes));
  };
  const types = readTypes(await open(TYPE));
  const imports = readImports(await open(IMPORT));
  const functions = [...imports.functions, ...list(await open(FUNCTION), (reader) => reader.u32())];
  const exports = list(await open(EXPORT), (reader) => readExport(reader, functions, types), NAMED_MAX);
  const own = list(await open(MEMORY), readMemory);
  const refused = imports.all.filter(({ allowed }) => !allowed);
  return {
    sizeBytes,
    kind: exports.some(({ name, kind }) => name === '_start' && kind === 'function') ? 'command' : 'reactor',
    imports: cut([...refused, ...imports.all.filter(({ allowed }) => allowed)]),
    refused: refused.length,
    exports: cut(exports),
    memory: own[0] ?? imports.memory,
    sections: cut(sections.map(({ name, sizeBytes: size }) => ({ name, sizeBytes: size }))),
  };
}

const cut = <T>(items: readonly T[]) => ({ items: items.slice(0, MODULE_NAMES_MAX), total: items.length });

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new SyntaxError('the module ends too early');
    filled += bytesRead;
  }
  return bytes;
}

/** Where each section begins, from their headers alone. */
async function readSections(file: FileHandle, sizeBytes: number): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (let at = HEADER_BYTES; at < sizeBytes; ) {
    if (sections.length === SECTIONS_MAX) throw new SyntaxError('the module has too many sections');
    const reader = createReader(await readAt(file, at, Math.min(PEEK_BYTES, sizeBytes - at)));
    const id = reader.byte();
    const size = reader.u32();
    const begin = at + reader.at;
    if (begin + size > sizeBytes) throw new SyntaxError('the module ends too early');
    const known = sectionNames[id];
    if (known === undefined) throw new SyntaxError(`the module has a section of an unknown kind (${id})`);
    const name = id === CUSTOM ? `custom ${readName(reader, { peeked: true })}` : known;
    sections.push({ id, name, at: begin, sizeBytes: size });
    at = begin + size;
  }
  return sections;
}

/** What a section lists. */
function list<T>(reader: Reader | null, read: (reader: Reader) => T, most = ENTRIES_MAX): readonly T[] {
  const entries: T[] = [];
  const count = reader?.u32() ?? 0;
  if (count > most) throw new SyntaxError(`the module has more than ${most} entries in one section`);
  for (let left = count; reader && left > 0; left -= 1) entries.push(read(reader));
  return entries;
}

/** A name as it can be shown: bounded, and nothing in it is invisible. `peeked`: only its beginning may be there. */
function readName(reader: Reader, { peeked = false } = {}): string {
  const length = reader.u32();
  const bytes: number[] = [];
  while (bytes.length < Math.min(length, NAME_BYTES_MAX) && !(peeked && reader.done)) bytes.push(reader.byte());
  if (!peeked) reader.skip(length - bytes.length);
  const characters = [...Buffer.from(bytes).toString('utf8')];
  const shown = characters.slice(0, MODULE_NAME_MAX).map((each) => (INVISIBLE.test(each) ? escaped(each) : each));
  return `${shown.join('')}${characters.length > MODULE_NAME_MAX || length > bytes.length ? '…' : ''}`;
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u;
const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;

function readValueType(reader: Reader): string {
  const type = reader.byte();
  if (type !== 0x63 && type !== 0x64) return valueTypes[type] ?? 'reference';
  reader.skipNumber();
  return 'reference';
}

/** As they are written in a signature. Those of garbage collection, which preview 1 has no use for, are left out. */
function readTypes(reader: Reader | null): readonly string[] {
  const types: string[] = [];
  const count = Math.min(reader?.u32() ?? 0, ENTRIES_MAX);
  for (let left = count; reader && left > 0; left -= 1) {
    if (reader.byte() !== 0x60) return types;
    const parameters = list(reader, readValueType);
    const results = list(reader, readValueType);
    types.push(`(${parameters.join(', ')}) → ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`);
  }
  return types;
}

function readMemory(reader: Reader): Memory {
  const flags = reader.byte();
  const minimum = reader.u32();
  const maximum = flags & 1 ? reader.u32() : null;
  return {
    minimumBytes: minimum * PAGE_BYTES,
    maximumBytes: maximum === null ? null : maximum * PAGE_BYTES,
  };
}

function readImports(reader: Reader | null) {
  const functions: number[] = [];
  let memory: Memory | null = null;
  const readOne = (section: Reader): ModuleImport => {
    const module = readName(section);
    const name = readName(section);
    const kind = moduleItemKinds[section.byte()];
    switch (kind) {
      case 'function':
        functions.push(section.u32());
        break;
      case 'table':
        readValueType(section);
        readMemory(section);
        break;
      case 'memory':
        memory = readMemory(section);
        break;
      case 'global':
        readValueType(section);
        section.skip(1);
        break;
      case 'tag':
        section.skip(1);
        section.skipNumber();
        break;
      default:
        throw new SyntaxError('the module imports something of an unknown kind');
    }
    return { module, name, kind, allowed: isGiven(module, name, kind) };
  };
  const all = list(reader, readOne, NAMED_MAX);
  return { all, functions, memory: memory as Memory | null };
}

function readExport(reader: Reader, functions: readonly number[], types: readonly string[]): ModuleExport {
  const name = readName(reader);
  const kind = moduleItemKinds[reader.byte()];
  const index = reader.u32();
  if (kind === undefined) throw new SyntaxError('the module exports something of an unknown kind');
  return { name, kind, signature: kind === 'function' ? (types[functions[index] ?? -1] ?? null) : null };
}
