/**
 * Steps from an empty database to the present one. A step that was released is never changed;
 * `PRAGMA user_version` counts the steps that were taken.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE sandboxes (
    id   TEXT PRIMARY KEY,
    ref  TEXT,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    type       TEXT NOT NULL,
    sandbox_id TEXT,
    engine     TEXT,
    message    TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_sandbox ON events (sandbox_id, id);

  CREATE TABLE executions (
    id         TEXT PRIMARY KEY,
    sandbox_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    body       TEXT NOT NULL
  ) STRICT;
  CREATE INDEX executions_by_sandbox ON executions (sandbox_id, started_at);

  CREATE TABLE settings (
    key  TEXT PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE events ADD COLUMN sandbox_name TEXT;

  CREATE TABLE consoles (
    id         TEXT PRIMARY KEY,
    sandbox_id TEXT NOT NULL,
    title      TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE functions (
    id   TEXT PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE function_versions (
    function_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    code_bytes  INTEGER NOT NULL,
    spec        TEXT NOT NULL,
    PRIMARY KEY (function_id, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invocations (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    function_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    cold        INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    total_ms    REAL NOT NULL,
    body        TEXT NOT NULL,
    kept        TEXT NOT NULL,
    texts       TEXT,
    texts_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX invocations_by_function ON invocations (function_id, seq);
  CREATE INDEX invocations_with_texts ON invocations (function_id, seq) WHERE texts IS NOT NULL;
  `,
];
