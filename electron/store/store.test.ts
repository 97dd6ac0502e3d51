import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { openStore } from './store.ts';

let folder: string;
const path = () => join(folder, 'terrarium.db');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sandbox: Sandbox = {
  id: 'sbx_0123456789abcdefghij',
  name: 'quiet-fern',
  engine: 'process',
  state: 'creating',
  foreign: false,
  spec: null,
  source: 'empty',
  generation: 1,
  createdAt: 1,
  startedAt: null,
  stoppedAt: null,
  exit: null,
  error: null,
  ports: [],
  workspace: null,
};

test('what was put is there after the store was opened again', () => {
  const store = openStore(path());
  store.sandboxes.put({ sandbox, ref: null });
  store.sandboxes.put({ sandbox: { ...sandbox, state: 'running' }, ref: 'abc' });
  store.settings.set('key', { first: 1 });
  store.close();

  const again = openStore(path());
  expect(again.sandboxes.load()).toEqual({
    rows: [{ sandbox: { ...sandbox, state: 'running' }, ref: 'abc' }],
    unreadable: 0,
  });
  expect(again.settings.get('key')).toEqual({ first: 1 });
  expect(again.setAside).toBeNull();
  again.close();
});

test('events are listed newest first, page by page, and by sandbox', () => {
  const store = openStore(path());
  const add = (message: string, sandboxId: string | null) =>
    store.events.add({ at: 1, type: 'created', sandboxId, sandboxName: sandboxId && 'web', engine: null, message });
  add('one', sandbox.id);
  add('two', null);
  const three = add('three', sandbox.id);
  const messages = (filter: Parameters<typeof store.events.list>[0]) =>
    store.events.list(filter).map((event) => event.message);
  expect(messages({ limit: 2 })).toEqual(['three', 'two']);
  expect(messages({ limit: 9, before: three.id })).toEqual(['two', 'one']);
  expect(messages({ limit: 9, sandboxId: sandbox.id })).toEqual(['three', 'one']);
  store.close();
});

test.each([
  ['text that is no database', Buffer.from('this is not a database, it only says so'.repeat(100))],
  ['a database with a damaged page', damagedDatabase()],
])('%s is set aside with all its bytes, and a new database takes its place', (_, bytes) => {
  writeFileSync(path(), bytes);
  const store = openStore(path());
  expect(store.setAside).toContain('damaged');
  expect(store.sandboxes.load().rows).toEqual([]);
  store.sandboxes.put({ sandbox, ref: null });
  store.close();
  expect(readdirSync(folder).some((name) => name.startsWith('terrarium.db.damaged-'))).toBe(true);
});

test('a database of a newer version is refused and left alone', () => {
  const database = new DatabaseSync(path());
  database.exec('PRAGMA user_version = 999');
  database.close();
  expect(() => openStore(path())).toThrow('newer version');
  expect(readdirSync(folder)).toEqual(['terrarium.db']);
});

test('a row that cannot be read is counted, and the others are there', () => {
  const store = openStore(path());
  store.sandboxes.put({ sandbox, ref: null });
  store.close();
  const database = new DatabaseSync(path());
  database.exec(`INSERT INTO sandboxes (id, ref, body) VALUES ('sbx_x', NULL, '{"half')`);
  database.close();
  const again = openStore(path());
  expect(again.sandboxes.load()).toMatchObject({ rows: [{ sandbox: { name: 'quiet-fern' } }], unreadable: 1 });
  again.close();
});

function damagedDatabase(): Buffer {
  const database = new DatabaseSync(':memory:');
  database.exec(
    `CREATE TABLE t (a TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO t SELECT hex(randomblob(500)) FROM n`,
  );
  const bytes = Buffer.from(database.serialize());
  database.close();
  return bytes.fill(0xa5, 4096, 3 * 4096);
}

test('no more is kept than is to be, also when that changes', () => {
  const kept = { events: 1500, executions: 3, invocations: 1 };
  const store = openStore(path(), () => kept);
  for (let at = 1; at <= 2000; at += 1) {
    store.events.add({ at, type: 'created', sandboxId: null, sandboxName: null, engine: null, message: 'made' });
  }
  expect(store.events.list({ limit: 5000 })).toHaveLength(1500);
  const run = (index: number) => {
    const id = `exe_${String(index).padStart(12, '0')}`;
    const execution = {
      id,
      sandboxId: sandbox.id,
      command: ['true'],
      startedAt: index,
      stdoutBytes: 0,
      stderrBytes: 0,
    };
    store.executions.put({ ...execution, state: 'running', exit: null, error: null, endedAt: null });
  };
  for (let index = 1; index <= 5; index += 1) run(index);
  expect(store.executions.list(sandbox.id, 100).map(({ startedAt }) => startedAt)).toEqual([5, 4, 3]);
  kept.executions = 1;
  run(6);
  expect(store.executions.list(sandbox.id, 100).map(({ startedAt }) => startedAt)).toEqual([6]);
  store.close();
});
