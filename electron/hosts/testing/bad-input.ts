type Path = readonly (string | number)[];

export interface BadInput {
  readonly input: unknown;
  /** What was spoilt, e.g. `spec.ports.0.port`. */
  readonly path: string;
  readonly how: string;
}

/** Values that are wrong almost anywhere: other types, borders, and what attackers send. */
const hostile: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true', true],
  ['a negative number', -1],
  ['a fraction', 1.5],
  ['a huge number', 1e300],
  ['an empty string', ''],
  ['a NUL character', 'a\0b'],
  ['a path that climbs', '../../etc/passwd'],
  ['markup', '<script>alert(1)</script>'],
  ['a right-to-left override', 'a\u202eb'],
  ['a long string', 'x'.repeat(200_000)],
  ['an empty list', []],
  ['a list of null', [null]],
  ['an empty object', {}],
  ['an object with a stranger', { stranger: 1 }],
];

/** Every way to spoil one place of a valid input: each value at each path, each key missing, a stranger in each object. */
export function* spoil(valid: unknown): Generator<BadInput> {
  for (const path of pathsOf(valid)) {
    const name = path.join('.') || 'input';
    for (const [how, value] of hostile) yield { input: replaced(valid, path, value), path: name, how };
    if (path.length > 0) yield { input: replaced(valid, path, undefined), path: name, how: 'missing' };
    if (isRecord(at(valid, path))) {
      yield { input: replaced(valid, [...path, 'stranger'], 1), path: name, how: 'an unknown key' };
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** A copy with one place replaced; `undefined` removes it. */
function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> = (
    Array.isArray(value) ? [...value] : { ...(value as object) }
  ) as Record<string, unknown>;
  const inner = replaced(copy[key], rest, by);
  if (inner === undefined) delete copy[key];
  else copy[key] = inner;
  return copy;
}
