import { parseDocument, type TomlDocument } from '@decimalturn/toml-patch';

/** What is wrong with a text, in a sentence without the place, which is `line` (from 1 on). */
export interface TomlError extends Error {
  readonly line: number;
}

/** A key of more steps than anybody's: the library's time grows with their square. */
const DEEP = /(?:[\w"'-]{1,99}[ \t]{0,9}\.[ \t]{0,9}){32}/;

const tooDeep = (line: number): TomlError => Object.assign(new Error('Nested too deeply'), { line });

export const isTomlError = (error: unknown): error is TomlError => error instanceof Error && 'line' in error;

export interface Toml {
  readonly values: Record<string, unknown>;
  /** What it is written as, with places. */
  readonly blocks: TomlDocument['cst'];
}

/** Throws a TomlError. Integers beyond 2⁵³ lose digits, and are for a schema to refuse. */
export function readToml(text: string): Toml {
  const deep = DEEP.exec(text);
  if (deep) throw tooDeep(text.slice(0, deep.index).split('\n').length);
  try {
    const document = parseDocument(text, { integersAsBigInt: false });
    // A key that is there twice is found here only.
    return { values: document.toJsObject, blocks: document.cst };
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(1);
    if (!isTomlError(cause)) throw cause;
    // The library shows the place first, and says what is wrong in its last line.
    const message = cause.message.trim().split('\n').at(-1) ?? cause.message;
    throw Object.assign(new Error(message, { cause }), { line: cause.line });
  }
}
