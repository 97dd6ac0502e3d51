import { homedir } from 'node:os';
import { AppError } from '../../../../shared/model/error.ts';
import type { Json } from '../../../../shared/model/json.ts';
import { formatBytes, formatDuration } from '../../../../shared/units.ts';
import { plain } from '../output.ts';

interface Found {
  readonly steps: readonly string[];
  /** Whether other keys are below it. */
  readonly isTable: boolean;
}

/** Throws `invalid_input`, with what is near, for a key that is not there. */
export async function findKey(key: string): Promise<Found> {
  const { configKeys, configKeysIn } = await import('../../../../shared/model/config-schema.ts');
  const steps = key.split('.');
  if (configKeysIn(steps).length > 0) return { steps, isTable: true };
  // A network has its mode and its hosts below it.
  const isBelow = /^engines\.\w+\.network\.(mode|hosts)$/.test(key);
  if (isBelow || configKeys().some(({ name }) => name === key)) return { steps, isTable: false };
  const around = [...steps.keys()].toReversed().map((length) => steps.slice(0, length));
  const table = around.find((path) => configKeysIn(path).length > 0) ?? [];
  throw new AppError('invalid_input', `The configuration has no key “${key}”`, {
    hint: `${table.length === 0 ? 'It begins with' : `In ${table.join('.')} there is`} ${configKeysIn(table).join(', ')}.`,
  });
}

/** What a value is written as: in JSON, or as a word. Throws `invalid_input` for what says nothing. */
export function readValue(key: string, text: string): Json {
  const value = parse(text);
  if (value === null || value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new AppError('invalid_input', `“${text}” is no value for ${key}`, {
      hint: 'To take a key out: terrarium config unset',
    });
  }
  const isText = /\.(image|runtime|profile)$/.test(key);
  return isText && typeof value !== 'string' ? text : value;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text; // a word, a size, a time; the host says what it cannot take
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
  return key
    .split('.')
    .reduce<unknown>(
      (table, step) =>
        typeof table === 'object' && table !== null && Object.hasOwn(table, step)
          ? table[step as keyof object]
          : undefined,
      value,
    );
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
