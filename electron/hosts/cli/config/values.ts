import { homedir } from 'node:os';
import { AppError } from '../../../../shared/model/error.ts';
import type { Json } from '../../../../shared/model/json.ts';
import { formatBytes, formatDuration } from '../../../../shared/units.ts';
import { plain } from '../output.ts';

/** The key's steps. Throws `invalid_input`, with what is near, for one that is not there. */
export async function requireKey(key: string, orTable = false): Promise<readonly string[]> {
  const { configKeys, configKeysIn } = await import('../../../../shared/model/config-schema.ts');
  const steps = key.split('.');
  const isKnown = configKeys().some(({ name }) => name === key || key.startsWith(`${name}.`));
  if (isKnown || (orTable && configKeysIn(steps).length > 0)) return steps;
  const around = [...steps.keys()].toReversed().map((length) => steps.slice(0, length));
  const table = around.find((path) => configKeysIn(path).length > 0) ?? [];
  const below = configKeysIn(configKeysIn(steps).length > 0 ? steps : table);
  throw new AppError('invalid_input', `The configuration has no key “${key}”`, {
    hint: `${table.length === 0 ? 'It begins with' : `In ${table.join('.')} there is`} ${below.join(', ')}.`,
  });
}

/** As TOML would have it, or a text. */
export async function readValue(key: string, text: string): Promise<Json> {
  const isText = /\.(image|runtime|profile)$/.test(key);
  if (isText) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text; // not JSON: a word, a size, a time; the host says what it cannot take
  }
}

export function leavesOf(value: object, around = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([step, each]) => {
    const name = around === '' ? step : `${around}.${step}`;
    return typeof each === 'object' && each !== null && !Array.isArray(each)
      ? leavesOf(each, name)
      : [[name, each] as const];
  });
}

export function valueAt(value: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((table, step) => (table as Record<string, unknown> | undefined)?.[step], value);
}

export function lineOf(key: string, lines: Readonly<Record<string, number>>): number | undefined {
  // A network may be given by its mode alone.
  return lines[key] ?? (key.endsWith('.network.mode') ? lines[key.slice(0, -'.mode'.length)] : undefined);
}

/** JSON is TOML for all that a configuration has, but for tables. */
export const tomlOf = (value: unknown): string => plain(JSON.stringify(value));

export function shown(key: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && key.endsWith('Bytes')) return formatBytes(value);
  if (typeof value === 'number' && key.endsWith('Ms')) return formatDuration(value);
  if (typeof value !== 'object') return plain(String(value));
  // A source or a network says what it is in one word, and then of what.
  const { type, mode, ...rest } = value as Record<string, unknown>;
  const kind = type ?? mode;
  return plain(typeof kind === 'string' ? [kind, ...Object.values(rest).flat()].join(' ') : JSON.stringify(value));
}

export const short = (path: string): string =>
  path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path;
