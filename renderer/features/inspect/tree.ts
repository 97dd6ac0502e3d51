export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One line of the tree that is shown. */
export interface TreeRow {
  /** JSON pointer (RFC 6901): the row's identity. */
  readonly path: string;
  readonly depth: number;
  readonly key: string | null;
  readonly value: Json;
  /** How many are inside; null for a plain value. */
  readonly children: number | null;
}

export function isBranch(value: Json): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  return isBranch(value) ? Object.entries(value) : [];
}

/** The paths of everything that has something inside, down to `depth`. */
export function branchPaths(value: Json, depth = Number.POSITIVE_INFINITY, path = ''): readonly string[] {
  if (!isBranch(value) || depth < 0) return [];
  return [path, ...entriesOf(value).flatMap(([key, child]) => branchPaths(child, depth - 1, pointer(path, key)))];
}

function pointer(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The rows that are shown when these branches are open. */
export function treeRows(root: Json, open: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (key: string | null, value: Json, path: string, depth: number) => {
    const entries = entriesOf(value);
    rows.push({ path, depth, key, value, children: isBranch(value) ? entries.length : null });
    if (!open.has(path)) return;
    for (const [childKey, child] of entries) visit(childKey, child, pointer(path, childKey), depth + 1);
  };
  visit(null, root, '', 0);
  return rows;
}

/** A plain value as JSON writes it. */
export function leafText(value: Json): string {
  return JSON.stringify(value);
}

/** The rows whose key or value has the text in it, and every branch that leads to one. */
export function searchTree(
  root: Json,
  text: string,
): { readonly found: readonly string[]; readonly open: readonly string[] } {
  const needle = text.toLowerCase();
  const found: string[] = [];
  const open: string[] = [];
  const visit = (key: string | null, value: Json, path: string): boolean => {
    const own =
      (key?.toLowerCase().includes(needle) ?? false) ||
      (!isBranch(value) && leafText(value).toLowerCase().includes(needle));
    if (own) found.push(path);
    let inside = false;
    for (const [childKey, child] of entriesOf(value))
      inside = visit(childKey, child, pointer(path, childKey)) || inside;
    if (inside) open.push(path);
    return own || inside;
  };
  if (needle !== '') visit(null, root, '');
  return { found, open };
}
