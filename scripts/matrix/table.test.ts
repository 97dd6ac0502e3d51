import { expect, test } from 'vitest';
import { limitNames } from '../../shared/model/limits.ts';
import { networkModes } from '../../shared/model/spec.ts';
import { type Column, insertTable, renderTable } from './table.ts';

function column(tried: ReadonlyMap<string, boolean>, change: Partial<Column['claims']['limits']> = {}): Column {
  const enforced = { support: 'enforced' } as const;
  const all = <const K extends string>(keys: readonly K[]) =>
    Object.fromEntries(keys.map((key) => [key, enforced])) as Record<K, typeof enforced>;
  return { engine: 'box', claims: { limits: { ...all(limitNames), ...change }, network: all(networkModes) }, tried };
}
const row = (text: string, title: string) => text.split('\n').find((line) => line.startsWith(`| ${title} |`));

test('a cell tells what was tried and held, what did not hold, and what the host holds', () => {
  const text = renderTable([
    column(
      new Map([
        ['limit memoryBytes', true],
        ['limit processes', false],
        ['limit cpuTimeMs', true],
        ['limit outputBytes', false],
      ]),
    ),
  ]);
  expect(row(text, 'memory')).toBe('| memory | ✓ |');
  expect(row(text, 'processes')).toBe('| processes | ✗ |');
  expect(row(text, 'open files')).toBe('| open files | ✗ |'); // claimed, and nothing has tried it
  expect(row(text, 'run time')).toBe('| run time | ✓ host |');
  expect(row(text, 'CPU time')).toBe('| CPU time | ✓ host |');
  expect(row(text, 'output')).toBe('| output | ✗ |');
});

test('a reason stands once below the table, whoever gives it', () => {
  const reason = { support: 'unsupported', note: 'no quota here' } as const;
  const text = renderTable([column(new Map(), { diskBytes: reason }), column(new Map(), { fuel: reason })]);
  expect(row(text, 'disk space')).toBe('| disk space | – <sup>1</sup> | ✓ host |');
  expect(row(text, 'fuel')).toBe('| fuel | ✗ | – <sup>1</sup> |');
  expect(text.match(/no quota here/g)).toHaveLength(1);
});

test('a reason names no user of the tests', () => {
  const reason = { support: 'unsupported', note: 'mkdir terrarium-61241 && chown -R 61241 terrarium-61241' } as const;
  expect(renderTable([column(new Map(), { diskBytes: reason })])).toContain(
    '1. mkdir terrarium-UID && chown -R UID terrarium-UID',
  );
});

test('the table replaces the one before it, and nothing else', () => {
  const begin = '<!-- matrix: written by `npm run matrix` -->';
  const text = `above\n${begin}\nold\n<!-- end of matrix -->\nbelow\n`;
  expect(insertTable(text, 'new')).toBe(`above\n${begin}\n\nnew\n\n<!-- end of matrix -->\nbelow\n`);
  expect(() => insertTable('no marks', 'new')).toThrow(/no place/);
});
