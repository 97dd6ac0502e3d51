import { parseBytes, parseDuration } from '../units.ts';

/** What a field whose name ends in its unit may be written as, beside a number. */
export function quantityWords(name: string): string | undefined {
  if (name.endsWith('Bytes')) return 'a size, such as 512MiB, or a number of bytes';
  return name.endsWith('Ms') ? 'a time, such as 90s or 5min, or a number of milliseconds' : undefined;
}

/** The same for a schema: `parseBytes` and `parseDuration` take no more. */
export function quantityPattern(name: string): string {
  const number = '(?:\\d+(?:\\.\\d+)?|\\.\\d+)';
  if (name.endsWith('Bytes')) return `^\\s*${number}\\s*(?:[bB]|[kKmMgGtT](?:[iI]?[bB])?)?\\s*$`;
  return `^\\s*(?:${number}\\s*(?:ms|s|sec|m|min|h|d)\\s*)+$`;
}

function readQuantity(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name.endsWith('Bytes')) return parseBytes(value) ?? value;
  // A number that is quoted is no time: in a file the bare number would be milliseconds, typed it is seconds.
  if (name.endsWith('Ms') && !/^[\d.]+$/.test(value.trim())) return parseDuration(value) ?? value;
  return value;
}

function readField(name: string, value: unknown): unknown {
  return name === 'network' && typeof value === 'string' ? { mode: value } : readQuantity(name, value);
}

/**
 * A table as people write it in a file: `{ memoryBytes: '512MiB', network: 'none' }` → `{ memoryBytes: 536870912, network:
 * { mode: 'none' } }`. What cannot be read is left as it is, for a schema to refuse.
 */
export function readHandwritten(table: unknown): unknown {
  if (typeof table !== 'object' || table === null || Array.isArray(table)) return table;
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, readField(name, value)]));
}
