import { isDeepStrictEqual } from 'node:util';
import { patch } from '@decimalturn/toml-patch';
import type { z } from 'zod';
import { type Config, configSchema } from '../../../shared/model/config.ts';
import { configKeysIn } from '../../../shared/model/config-schema.ts';
import { AppError } from '../../../shared/model/error.ts';
import { quantityWords } from '../../../shared/model/handwritten.ts';
import type { Json } from '../../../shared/model/json.ts';
import { isTomlError, readToml, type Toml } from '../../lib/toml.ts';
import { linesOf } from './config-lines.ts';

/** Why a configuration does not hold. */
export interface ConfigProblem {
  /** From 1 on; null when it is of the file as a whole. */
  readonly line: number | null;
  /** With dots, e.g. `engines.docker.limits.memoryBytes`; null where the text is no TOML. */
  readonly key: string | null;
  /** What is wrong, and what was expected. */
  readonly message: string;
}

export type ReadConfig =
  | {
      readonly config: Config;
      /** Where each key and table is given: its line, by its name with dots. */
      readonly lines: ReadonlyMap<string, number>;
      readonly problem: null;
    }
  | { readonly config: null; readonly problem: ConfigProblem };

/** Changes as RFC 7396 (JSON Merge Patch) has them: null takes a key away. */
export type MergePatch = Readonly<Record<string, Json>>;

type Table = Record<string, unknown>;

const NEW_FILE = '# Terrarium’s configuration. All keys and where each value comes from: terrarium config explain\n';

export function readConfig(text: string): ReadConfig {
  let toml: Toml;
  try {
    toml = readToml(text);
  } catch (error) {
    if (!isTomlError(error)) throw error;
    return { config: null, problem: { line: error.line, key: null, message: error.message } };
  }
  const lines = linesOf(toml.blocks);
  // JavaScript's own name for something else, which a schema does not see.
  const odd = [...lines.keys()].find((key) => key.split('.').includes('__proto__'));
  if (odd !== undefined) return { config: null, problem: noSuchKey(odd.split('.'), lines) };
  const parsed = configSchema.safeParse(toml.values);
  if (parsed.success) return { config: parsed.data, lines, problem: null };
  const [issue] = parsed.error.issues;
  if (!issue) throw new Error('a schema refuses with an issue');
  return { config: null, problem: problemOf(issue, lines) };
}

/**
 * The text with changes made in it; what is not changed stays as it is, comments too. Throws `invalid_input` for a
 * value that the configuration cannot have, and `conflict` for a text that is wrong already.
 */
export function changeConfig(text: string, changes: MergePatch): string {
  const { problem } = readConfig(text);
  if (problem) {
    throw new AppError('conflict', `The configuration has a mistake: ${problemText(problem)}`, {
      hint: 'Mend that in the file first.',
    });
  }
  const before = valuesOf(text);
  const wanted = merge(before, changes);
  if (isDeepStrictEqual(plain(before), plain(wanted))) return text;
  const changed = patch(text === '' ? NEW_FILE : text, wanted, { inlineTableStart: 3, trailingNewline: 1 });
  const read = readConfig(changed);
  if (read.problem) throw new AppError('invalid_input', `${read.problem.key ?? 'It'}: ${read.problem.message}`);
  // The library's word is not enough for a file that is somebody's own.
  if (!isDeepStrictEqual(plain(valuesOf(changed)), plain(wanted))) {
    throw new AppError('internal', 'The configuration file could not be changed without changing more', {
      hint: 'Edit it by hand.',
    });
  }
  return changed;
}

export function problemText({ line, key, message }: ConfigProblem): string {
  const where = [line === null ? '' : `line ${line}`, key ?? ''].filter((part) => part !== '').join(', ');
  return where === '' ? message : `${where}: ${message}`;
}

const valuesOf = (text: string): Table => readToml(text).values;

/** A table stays when its last key goes: its comments are somebody's. */
function merge(table: Readonly<Table>, changes: MergePatch): Table {
  const merged: Table = Object.assign(Object.create(null), table);
  for (const [name, change] of Object.entries(changes)) {
    const there = merged[name];
    if (change === null) delete merged[name];
    else if (!isTable(change)) merged[name] = change;
    else if (isTable(there) && !WHOLE.has(name)) merged[name] = merge(there, change as MergePatch);
    else if (there !== undefined && !WHOLE.has(name)) {
      throw new AppError('invalid_input', `${name} is one value: there is nothing below it`);
    } else {
      const made = merge({}, change as MergePatch);
      if (Object.keys(made).length > 0) merged[name] = made;
      else if (WHOLE.has(name)) delete merged[name];
    }
  }
  return merged;
}

/** Tables that are one value: another mode has other fields. */
const WHOLE: ReadonlySet<string> = new Set(['network']);

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Without the difference between objects with and without a prototype. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function problemOf(issue: z.core.$ZodIssue, lines: ReadonlyMap<string, number>): ConfigProblem {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    return noSuchKey([...path, name], lines);
  }
  const key = path.join('.');
  const quantity = issue.code === 'invalid_type' ? quantityWords(path.at(-1) ?? '') : undefined;
  const message = quantity === undefined ? issue.message : `expected ${quantity}`;
  return { key, line: lineOf(key, lines), message };
}

function noSuchKey(path: readonly string[], lines: ReadonlyMap<string, number>): ConfigProblem {
  const key = path.join('.');
  const names = configKeysIn(path.slice(0, -1));
  const expected = names.length > 0 ? `; expected ${names.join(', ')}` : ' here';
  return { key, line: lineOf(key, lines), message: `there is no such key${expected}` };
}

/** Of the key itself, or of the nearest table around it that is written down. */
function lineOf(key: string, lines: ReadonlyMap<string, number>): number | null {
  for (let steps = key.split('.'); steps.length > 0; steps = steps.slice(0, -1)) {
    const line = lines.get(steps.join('.'));
    if (line !== undefined) return line;
  }
  return null;
}
