import type { Toml } from '../../lib/toml.ts';

type Block = Toml['blocks'][number];
type KeyValue = Extract<Block, { readonly equals: number }>;

/** The line of each key and table of a TOML document, by its name with dots. */
export function linesOf(blocks: readonly Block[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const note = (steps: readonly string[], line: number) => {
    for (let length = 1; length <= steps.length; length += 1) {
      const name = steps.slice(0, length).join('.');
      if (!lines.has(name) || length === steps.length) lines.set(name, line);
    }
  };
  const noteValue = (around: readonly string[], { key, value, loc }: KeyValue) => {
    const steps = [...around, ...key.value];
    note(steps, loc.start.line);
    if (!('items' in value)) return;
    for (const { item } of value.items) if (isKeyValue(item)) noteValue(steps, item);
  };
  for (const block of blocks) {
    if (isKeyValue(block)) noteValue([], block);
    else if ('items' in block) {
      const table = block.key.item.value;
      note(table, block.loc.start.line);
      for (const row of block.items) if (isKeyValue(row)) noteValue(table, row);
    }
  }
  return lines;
}

const isKeyValue = (node: object): node is KeyValue => 'equals' in node;
