import type { Capabilities, Capability } from '../../shared/model/engine.ts';
import { hostHeldLimits, limitNames, limitWords } from '../../shared/model/limits.ts';
import { type NetworkMode, networkModes } from '../../shared/model/spec.ts';

/** What one engine claimed on this machine, and what became of it when it was tried. */
export interface Column {
  readonly engine: string;
  readonly claims: Pick<Capabilities, 'limits' | 'network'>;
  /** By row (`limit memoryBytes`, `network none`): whether every test of it passed. Missing: not tried here. */
  readonly tried: ReadonlyMap<string, boolean>;
}

const networkTitles: Readonly<Record<NetworkMode, string>> = {
  none: 'network none',
  loopback: 'network loopback',
  allowlist: 'network allowlist',
  full: 'network full',
};

/**
 * A Markdown table, engines across and limits down, with the reasons below it. `✓` was tried and held,
 * `✓ host` is held by Terrarium's host, `≈` is best effort, `–` is refused, `✗` was claimed and not shown to hold.
 */
export function renderTable(columns: readonly Column[]): string {
  const notes: string[] = [];
  const cell = (column: Column, row: string, { support, note }: Capability, byHost = false) => {
    if (support === 'enforced') {
      // What the host needs nothing for is not tried with each engine alone.
      const held = column.tried.get(row) ?? byHost;
      return held ? (byHost ? '✓ host' : '✓') : '✗';
    }
    const text = forAnyUser(note ?? 'not supported');
    if (!notes.includes(text)) notes.push(text);
    return `${support === 'best-effort' ? '≈' : '–'} <sup>${notes.indexOf(text) + 1}</sup>`;
  };
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = [
    ...limitNames.map((name) => [
      limitWords[name],
      ...columns.map((column) => cell(column, `limit ${name}`, column.claims.limits[name], hostHeldLimits.has(name))),
    ]),
    ...networkModes.map((mode) => [
      networkTitles[mode],
      ...columns.map((column) => cell(column, `network ${mode}`, column.claims.network[mode])),
    ]),
  ];
  return [
    line(['', ...columns.map(({ engine }) => engine)]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map(line),
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join('\n');
}

/** The user that a test became says nothing to a reader. */
const forAnyUser = (note: string) => note.replace(/(terrarium-|chown -R )\d+/g, '$1UID');

const BEGIN = '<!-- matrix: written by `npm run matrix` -->';
const END = '<!-- end of matrix -->';

/** Puts the table between its marks; throws when a text has none. */
export function insertTable(text: string, table: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`there is no place for the table: ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}
