import type { Form } from './form.ts';

/** Fields of the dialog that were typed in: `name`, `limits.memoryBytes`, and of rows a cell each, `ports#3.hostPort`. */
export type Touched = ReadonlySet<string>;

const rowLists = ['env', 'mounts', 'ports'] as const;
type RowList = (typeof rowLists)[number];
type AnyRow = Readonly<Record<string, unknown>> & { readonly key: number };

const isRowList = (name: string): name is RowList => rowLists.some((list) => list === name);
const rowsOf = (form: Partial<Form>, list: RowList) => (form[list] ?? []) as readonly unknown[] as readonly AnyRow[];

/** What a change touches: of rows only the cells that were typed in, not a row that was just added. */
export function touchedBy(before: Form, part: Partial<Form>): readonly string[] {
  return Object.keys(part).flatMap((name) => {
    if (name === 'limits') {
      const limits = part.limits ?? {};
      const names = Object.keys(limits) as (keyof typeof limits)[];
      return names.flatMap((limit) => (limits[limit] === before.limits[limit] ? [] : `limits.${limit}`));
    }
    if (!isRowList(name)) return name;
    const known = new Map(rowsOf(before, name).map((row) => [row.key, row]));
    const cells = rowsOf(part, name).flatMap((row) => {
      const old = known.get(row.key);
      return Object.keys(row).flatMap((cell) => (!old || old[cell] === row[cell] ? [] : `${name}#${row.key}.${cell}`));
    });
    return [name, ...cells];
  });
}

/** Whether the user has had a chance to fill the field in which a problem stands. */
export function isTouched(field: string, form: Form, touched: Touched): boolean {
  const [first = '', second, third = 'name'] = field.split('.');
  if (first === 'source')
    return touched.has(form.source === 'directory' || form.source === 'empty' ? 'folder' : form.source);
  if (first === 'ttlMs') return touched.has('ttl');
  if (first === 'network') return touched.has(second === 'hosts' ? 'hosts' : 'network');
  if (first === 'limits') return touched.has(field);
  if (!isRowList(first) || second === undefined) return touched.has(first);
  const row = rowsOf(form, first)[Number(second)];
  return row !== undefined && touched.has(`${first}#${row.key}.${third}`);
}
