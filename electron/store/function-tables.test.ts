import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { functionSpecInputSchema, type InvocationDetail } from '../../shared/model/function.ts';
import { functionTables, type InvocationFilter, TEXTS_KEPT_BYTES } from './function-tables.ts';
import { migrations } from './migrations.ts';

const KEPT = 1000;

function open(database = new DatabaseSync(':memory:')) {
  for (const step of migrations) database.exec(step);
  return {
    database,
    tables: functionTables(
      (text) => database.prepare(text),
      () => KEPT,
    ),
  };
}

const functionId = 'fun_0123456789abcdefghij';
const idOf = (index: number) => `inv_${String(index).padStart(20, '0')}`;
const invocation = (index: number, text = 'null'): InvocationDetail => ({
  id: idOf(index),
  functionId,
  version: 1,
  at: index,
  outcome: { type: 'returned' },
  cold: false,
  queueMs: 1,
  startMs: 0,
  durationMs: 2,
  totalMs: 4,
  cpuMs: null,
  peakMemoryBytes: null,
  fuelConsumed: null,
  payloadBytes: text.length,
  resultBytes: 4,
  kept: 'whole',
  payload: { text, isCut: false },
  result: { text: 'null', isCut: false },
  logs: [{ stream: 'stdout', text: 'hello' }],
  logsAreCut: false,
});

test('an invocation is there again as it was', () => {
  const { tables } = open();
  tables.addInvocation(invocation(1));
  expect(tables.getInvocation(idOf(1))).toEqual(invocation(1));
  expect(tables.getInvocation(idOf(2))).toBeNull();
  const { kept: _, payload: _1, result: _2, logs: _3, logsAreCut: _4, ...rest } = invocation(1);
  expect(tables.listInvocations(functionId, undefined, 5)).toEqual([rest]);
  expect(tables.figures(functionId, 0, undefined)).toEqual({
    from: 1,
    isTrimmed: false,
    figures: [{ outcome: 'returned', cold: false, durationMs: 2, totalMs: 4 }],
  });
  expect(tables.figures(functionId, 2, undefined).figures).toEqual([]);
  expect(tables.figures(functionId, 0, 2).figures).toEqual([]);
});

test('too many: the oldest are forgotten, and figures say from when on they are', () => {
  const { database, tables } = open();
  database.exec('BEGIN');
  for (let index = 1; index <= KEPT + 250; index += 1) tables.addInvocation(invocation(index));
  database.exec('COMMIT');
  const { from, isTrimmed, figures } = tables.figures(functionId, 0, undefined);
  expect(figures.length).toBeGreaterThanOrEqual(KEPT);
  expect(figures.length).toBeLessThan(KEPT + 100);
  expect(isTrimmed).toBe(true);
  expect(from).toBe(KEPT + 250 - figures.length + 1);
  expect(tables.getInvocation(idOf(1))).toBeNull();
  const [newest] = tables.listInvocations(functionId, undefined, 1);
  expect(newest?.id).toBe(idOf(KEPT + 250));
});

test('too long: the texts of the oldest are dropped, which is said, and their figures stay', () => {
  const { database, tables } = open();
  const text = 'x'.repeat(64 * 1024);
  for (let index = 1; index <= 400; index += 1) tables.addInvocation(invocation(index, text));
  const { bytes } = database.prepare('SELECT sum(length(texts)) AS bytes FROM invocations').get() ?? {};
  expect(bytes).toBeLessThanOrEqual(TEXTS_KEPT_BYTES);
  expect(bytes).toBeGreaterThan(TEXTS_KEPT_BYTES / 2);
  expect(tables.getInvocation(idOf(1))).toMatchObject({
    kept: 'dropped',
    payload: null,
    logs: [],
    payloadBytes: 65_536,
  });
  expect(tables.getInvocation(idOf(400))).toEqual(invocation(400, text));
  expect(tables.figures(functionId, 0, undefined).figures).toHaveLength(400);
});

test('pages go on where the last one ended, and functions are apart', () => {
  const { tables } = open();
  for (let index = 1; index <= 5; index += 1) tables.addInvocation(invocation(index));
  tables.addInvocation({ ...invocation(6), functionId: 'fun_other0123456789abcd' });
  const ids = (before?: string) => tables.listInvocations(functionId, before, 2).map(({ id }) => id);
  expect(ids()).toEqual([idOf(5), idOf(4)]);
  expect(ids(idOf(4))).toEqual([idOf(3), idOf(2)]);
  expect(ids(idOf(2))).toEqual([idOf(1)]);
  tables.remove(functionId);
  expect(ids()).toEqual([]);
  expect(tables.getInvocation(idOf(6))).not.toBeNull();
});

test('only errors, or only one version, are listed, page by page', () => {
  const { tables } = open();
  const threw = { type: 'threw', name: 'Error', message: null, stack: null } as const;
  for (let index = 0; index < 10; index += 1) {
    const outcome = index % 2 === 0 ? threw : ({ type: 'cancelled' } as const);
    tables.addInvocation({ ...invocation(index), outcome, version: index < 5 ? 1 : 2 });
  }
  const ids = (only: InvocationFilter, before?: string) =>
    tables.listInvocations(functionId, before, 2, only).map(({ id }) => Number(id.slice(4)));
  expect(ids({ onlyErrors: true })).toEqual([8, 6]);
  expect(ids({ onlyErrors: true }, idOf(6))).toEqual([4, 2]);
  expect(ids({ onlyErrors: true, version: 1 })).toEqual([4, 2]);
  expect(ids({ version: 1 })).toEqual([4, 3]);
  expect(ids({ version: 3 })).toEqual([]);
});

test('a version that cannot be read is left out, and the others are there', () => {
  const { database, tables } = open();
  const spec = {
    code: { type: 'javascript', text: 'x', handler: 'handler' },
    engine: 'wasm',
    source: { type: 'empty' },
    env: {},
    mounts: [],
    limits: {},
    allowBestEffort: false,
  } as const;
  tables.putVersion(functionId, { version: 1, createdAt: 5, codeBytes: 1, spec: { ...spec, mounts: [] } });
  database.exec(`INSERT INTO function_versions VALUES ('${functionId}', 2, 6, 1, '{"half')`);
  expect(tables.versions(functionId)).toEqual([{ version: 1, createdAt: 5, codeBytes: 1, spec }]);
  expect(tables.version(functionId, 2)).toBeNull();
});

test('versions of a function that was never put are removed, and no others', () => {
  const { database, tables } = open();
  const spec = functionSpecInputSchema.parse({ engine: 'process', code: { type: 'command', command: ['cat'] } });
  const version = { version: 1, createdAt: 1, codeBytes: 3, spec };
  for (const id of [functionId, 'fun_unreadable', 'fun_orphan']) tables.putVersion(id, version);
  for (const id of [functionId, 'fun_unreadable']) {
    database.prepare('INSERT INTO functions (id, body) VALUES (?, ?)').run(id, '{}');
  }
  tables.removeOrphans();
  expect(tables.versions('fun_orphan')).toEqual([]);
  expect(tables.versions(functionId)).toHaveLength(1);
  expect(tables.versions('fun_unreadable')).toHaveLength(1);
  expect([...tables.ids()].sort()).toEqual([functionId, 'fun_unreadable'].sort());
});
