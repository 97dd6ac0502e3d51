// `npm run matrix`: tries what every engine here claims to hold, and writes the table of it into README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startVitest, type TestCase } from 'vitest/node';
import { z } from 'zod';
import { capabilitiesSchema } from '../shared/model/engine.ts';
import { type Column, insertTable, renderTable } from './matrix/table.ts';

/** What the contract suite leaves with one of its tests. */
const claimsSchema = z.object({
  claims: capabilitiesSchema.pick({ limits: true, network: true }).extend({ engine: z.string() }),
});

const vitest = await startVitest('test', ['contract.test'], { watch: false, testNamePattern: 'enforcement' });
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
await vitest.close();

const columns = toColumns(tests);
if (columns.length === 0) throw new Error('no engine could be tried; see above');
const readme = join(import.meta.dirname, '../README.md');
writeFileSync(readme, insertTable(readFileSync(readme, 'utf8'), renderTable(columns)));
console.log(`README.md has the table of: ${columns.map(({ engine }) => engine).join(', ')}`);
process.exit(process.exitCode ?? 0);

function toColumns(all: readonly TestCase[]): readonly Column[] {
  const claims = all.flatMap((test) => claimsSchema.safeParse({ ...test.meta() }).data?.claims ?? []);
  return claims
    .map(({ engine, limits, network }) => ({ engine, claims: { limits, network }, tried: triedBy(engine, all) }))
    .toSorted((a, b) => a.engine.localeCompare(b.engine));
}

/** The suite's names lead to the rows: `process engine contract > enforcement > the limit openFiles > …`. */
function triedBy(engine: string, all: readonly TestCase[]): ReadonlyMap<string, boolean> {
  const tried = new Map<string, boolean>();
  for (const test of all) {
    const [suite, chapter, part = ''] = test.fullName.split(' > ');
    const row = /^the ((?:limit|network) \w+)$/.exec(part)?.[1];
    if (suite !== `${engine} engine contract` || chapter !== 'enforcement' || row === undefined) continue;
    tried.set(row, (tried.get(row) ?? true) && test.result().state === 'passed');
  }
  return tried;
}
