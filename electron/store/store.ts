import type { Execution } from '../../shared/contract/executions.ts';
import { executionSchema } from '../../shared/contract/executions.ts';
import { type Config, defaultConfig } from '../../shared/model/config.ts';
import { type EventType, eventTypes, type TerrariumEvent, terrariumEventSchema } from '../../shared/model/event.ts';
import { type Sandbox, sandboxSchema } from '../../shared/model/sandbox.ts';
import { openDatabase } from './database.ts';
import { type FunctionTables, functionTables } from './function-tables.ts';
import { createStatements } from './reserve.ts';

export interface SandboxRow {
  readonly sandbox: Sandbox;
  /** The engine's name of the object; null until it was made. */
  readonly ref: string | null;
}

export interface OpenConsoleRow {
  readonly id: string;
  readonly sandboxId: string;
  readonly title: string;
}

export interface EventFilter {
  readonly sandboxId?: string | undefined;
  /** Only events older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** How many of each are kept; older ones are dropped as new ones come. */
export type Retention = Config['retention'];
/** Events are dropped in one go, after so many have come. */
const EVENTS_STEP = 1000;

/** What survives the host: intent, what happened, settings. Calls are synchronous and short. */
export interface Store {
  readonly sandboxes: {
    /** Rows that cannot be read are left in place and counted. */
    readonly load: () => { readonly rows: readonly SandboxRow[]; readonly unreadable: number };
    readonly put: (row: SandboxRow) => void;
    readonly remove: (id: string) => void;
  };
  readonly events: {
    readonly add: (event: Omit<TerrariumEvent, 'id'>) => TerrariumEvent;
    /** Newest first. */
    readonly list: (filter: EventFilter) => readonly TerrariumEvent[];
  };
  readonly executions: {
    readonly put: (execution: Execution) => void;
    readonly get: (id: string) => Execution | null;
    /** Newest first. */
    readonly list: (sandboxId: string, limit: number) => readonly Execution[];
    readonly running: () => readonly Execution[];
    readonly removeOf: (sandboxId: string) => void;
  };
  /** Open ones: what is left at a start ended with the host before. */
  readonly consoles: {
    readonly put: (console: OpenConsoleRow) => void;
    readonly remove: (id: string) => void;
    readonly all: () => readonly OpenConsoleRow[];
  };
  readonly settings: {
    readonly get: (key: string) => unknown;
    readonly set: (key: string, value: unknown) => void;
  };
  readonly functions: FunctionTables;
  /** Where a damaged database was put at this start. */
  readonly setAside: string | null;
  readonly close: () => void;
}

export function openStore(path: string, kept: () => Retention = () => defaultConfig.retention): Store {
  const { database, setAside } = openDatabase(path);
  const sql = createStatements(database, `${path}.reserve`);

  const dropEvents = sql('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?');
  let eventsAdded = 0;
  dropEvents.run(kept().events);

  const putSandbox = sql(
    'INSERT INTO sandboxes (id, ref, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET ref = excluded.ref, body = excluded.body',
  );
  const removeSandbox = sql('DELETE FROM sandboxes WHERE id = ?');
  const addEvent = sql(
    'INSERT INTO events (at, type, sandbox_id, sandbox_name, engine, message) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
  );
  const listEvents = sql(
    `SELECT id, at, type, sandbox_id AS sandboxId, sandbox_name AS sandboxName, engine, message FROM events
     WHERE (?1 IS NULL OR sandbox_id = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`,
  );
  const putExecution = sql(
    `INSERT INTO executions (id, sandbox_id, started_at, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
  );
  const trimExecutions = sql(
    `DELETE FROM executions WHERE sandbox_id = ?1 AND id NOT IN
     (SELECT id FROM executions WHERE sandbox_id = ?1 ORDER BY started_at DESC LIMIT ?2)`,
  );
  const parseExecution = (row: Record<string, unknown>) => executionSchema.parse(JSON.parse(String(row.body)));

  return {
    sandboxes: {
      load() {
        const rows: SandboxRow[] = [];
        let unreadable = 0;
        for (const row of sql('SELECT ref, body FROM sandboxes').all()) {
          const parsed = sandboxSchema.safeParse(parseJson(String(row.body)));
          if (parsed.success) rows.push({ sandbox: parsed.data, ref: row.ref === null ? null : String(row.ref) });
          else unreadable += 1;
        }
        return { rows, unreadable };
      },
      put: ({ sandbox, ref }) => void putSandbox.run(sandbox.id, ref, JSON.stringify(sandbox)),
      remove: (id) => void removeSandbox.run(id),
    },
    events: {
      add(event) {
        const row = addEvent.get(event.at, event.type, event.sandboxId, event.sandboxName, event.engine, event.message);
        eventsAdded += 1;
        if (eventsAdded % EVENTS_STEP === 0) dropEvents.run(kept().events);
        return { id: Number(row?.id), ...event };
      },
      list: ({ sandboxId, before, limit }) =>
        listEvents
          .all(sandboxId ?? null, before ?? null, limit)
          .filter((row) => eventTypes.includes(row.type as EventType)) // written by a newer version
          .map((row) => terrariumEventSchema.parse(row)),
    },
    executions: {
      put(execution) {
        putExecution.run(execution.id, execution.sandboxId, execution.startedAt, JSON.stringify(execution));
        if (execution.endedAt === null) trimExecutions.run(execution.sandboxId, kept().executions);
      },
      get(id) {
        const row = sql('SELECT body FROM executions WHERE id = ?').get(id);
        return row ? parseExecution(row) : null;
      },
      list: (sandboxId, limit) =>
        sql('SELECT body FROM executions WHERE sandbox_id = ? ORDER BY started_at DESC LIMIT ?')
          .all(sandboxId, limit)
          .map(parseExecution),
      running: () =>
        sql(`SELECT body FROM executions WHERE json_extract(body, '$.state') = 'running'`).all().map(parseExecution),
      removeOf: (sandboxId) => void sql('DELETE FROM executions WHERE sandbox_id = ?').run(sandboxId),
    },
    consoles: {
      put: ({ id, sandboxId, title }) =>
        void sql('INSERT INTO consoles (id, sandbox_id, title) VALUES (?, ?, ?)').run(id, sandboxId, title),
      remove: (id) => void sql('DELETE FROM consoles WHERE id = ?').run(id),
      all: () =>
        sql('SELECT id, sandbox_id, title FROM consoles ORDER BY rowid')
          .all()
          .map((row) => ({ id: String(row.id), sandboxId: String(row.sandbox_id), title: String(row.title) })),
    },
    settings: {
      get(key) {
        const row = sql('SELECT body FROM settings WHERE key = ?').get(key);
        return row ? parseJson(String(row.body)) : undefined;
      },
      set: (key, value) =>
        void sql(
          'INSERT INTO settings (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
        ).run(key, JSON.stringify(value)),
    },
    functions: functionTables(sql, () => kept().invocations),
    setAside,
    close: () => database.close(),
  };
}

/** `undefined` for text that is not JSON; the caller's schema then says no. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
