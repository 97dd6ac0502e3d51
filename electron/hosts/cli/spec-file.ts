import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { readHandwritten } from '../../../shared/model/handwritten.ts';

/**
 * A spec in JSON, TOML or YAML, by the file's name; `-` is standard input, which is YAML or JSON (of which it is a
 * superset). Sizes and times may be written with units. Throws `invalid_input` naming the file, and the line where it can.
 */
export async function readSpec(path: string): Promise<Record<string, unknown>> {
  try {
    const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8');
    const value = await parse(text, extname(path));
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it holds no table of fields');
    const table = readHandwritten(value) as Record<string, unknown>;
    return 'limits' in table ? { ...table, limits: readHandwritten(table.limits) } : table;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.trim() : String(cause);
    const name = path === '-' ? 'from standard input' : path;
    throw new AppError('invalid_input', `The spec ${name} could not be read: ${firstLineOf(why)}`, { cause });
  }
}

async function parse(text: string, extension: string): Promise<unknown> {
  if (extension === '.json') return JSON.parse(text);
  if (extension === '.toml') return parseToml(text);
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { prettyErrors: true });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong) throw wrong;
  return document.toJS();
}

async function parseToml(text: string): Promise<unknown> {
  const { isTomlError, readToml } = await import('../../lib/toml.ts');
  try {
    return readToml(text).values;
  } catch (cause) {
    if (isTomlError(cause)) throw new Error(`${cause.message} at line ${cause.line}`, { cause });
    throw cause;
  }
}

const firstLineOf = (text: string) => (text.split('\n')[0] ?? text).replace(/:$/, '');
