import { z } from 'zod';
import {
  type FunctionSpec,
  functionIdSchema,
  functionNameSchema,
  functionSettingsSchema,
  functionSpecInputSchema,
  type Invocation,
  type InvocationDetail,
  type InvocationOutcome,
  invocationDetailSchema,
  invocationSchema,
} from '../../shared/model/function.ts';
import type { Statements } from './reserve.ts';

/** A function without its versions. */
const functionRowSchema = z.object({
  id: functionIdSchema,
  name: functionNameSchema,
  /** The current one, and the highest that was ever given: numbers are not given twice. */
  version: z.int(),
  lastVersion: z.int(),
  settings: functionSettingsSchema,
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type FunctionRow = z.infer<typeof functionRowSchema>;

export interface VersionRow {
  readonly version: number;
  readonly createdAt: number;
  readonly codeBytes: number;
  readonly spec: FunctionSpec;
}

const textsSchema = invocationDetailSchema.pick({ payload: true, result: true, logs: true, logsAreCut: true });
type Texts = z.infer<typeof textsSchema>;
const noTexts: Texts = { payload: null, result: null, logs: [], logsAreCut: false };

/** What statistics are made of. */
export interface InvocationFigures {
  readonly outcome: InvocationOutcome;
  readonly cold: boolean;
  readonly durationMs: number;
  readonly totalMs: number;
}

/** Functions, their versions, and the bounded history of their invocations. */
export interface FunctionTables {
  /** Rows that cannot be read are left in place and left out. */
  readonly load: () => readonly FunctionRow[];
  /** Also of those that cannot be read. */
  readonly ids: () => readonly string[];
  /** Removes versions whose function was never put, as the host was killed in between. */
  readonly removeOrphans: () => void;
  readonly put: (row: FunctionRow) => void;
  /** With its versions and its history. */
  readonly remove: (id: string) => void;
  /** The newest first, without those that cannot be read. */
  readonly versions: (id: string) => readonly VersionRow[];
  readonly version: (id: string, version: number) => VersionRow | null;
  readonly putVersion: (id: string, row: VersionRow) => void;
  readonly removeVersion: (id: string, version: number) => void;
  /** Forgets the oldest when there are too many, and the texts of the oldest when they are too long. */
  readonly addInvocation: (invocation: InvocationDetail) => void;
  /** Newest first, older than `before`. */
  readonly listInvocations: (
    id: string,
    before: string | undefined,
    limit: number,
    only?: InvocationFilter,
  ) => readonly Invocation[];
  readonly getInvocation: (id: string) => InvocationDetail | null;
  /** In no order; `from` is when the oldest in the history was asked for, null when there is none. */
  readonly figures: (
    id: string,
    since: number,
    version: number | undefined,
  ) => { readonly from: number | null; readonly isTrimmed: boolean; readonly figures: readonly InvocationFigures[] };
}

export interface InvocationFilter {
  readonly version?: number | undefined;
  readonly onlyErrors?: boolean;
}

/** Kept of each function. */
export const TEXTS_KEPT_BYTES = 16 * 1024 * 1024;
/** Rows that are forgotten in one go. */
const STEP = 100;

/** `keep` gives how many invocations of each function are to be kept. */
export function functionTables(sql: Statements, keep: () => number): FunctionTables {
  const put = sql('INSERT INTO functions (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body');
  const putVersion = sql(
    `INSERT INTO function_versions (function_id, version, created_at, code_bytes, spec) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (function_id, version) DO UPDATE SET spec = excluded.spec, code_bytes = excluded.code_bytes`,
  );
  const versions = sql('SELECT * FROM function_versions WHERE function_id = ? ORDER BY version DESC');
  const version = sql('SELECT * FROM function_versions WHERE function_id = ? AND version = ?');
  const add = sql(
    `INSERT INTO invocations
     (id, function_id, version, at, outcome, cold, duration_ms, total_ms, body, kept, texts, texts_bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const totals = sql(
    'SELECT count(*) AS rows, coalesce(sum(texts_bytes), 0) AS bytes FROM invocations WHERE function_id = ?',
  );
  const forget = sql(
    `DELETE FROM invocations WHERE function_id = ?1 AND seq <=
     (SELECT seq FROM invocations WHERE function_id = ?1 ORDER BY seq LIMIT 1 OFFSET ?2)`,
  );
  const dropTexts = sql(
    `UPDATE invocations SET texts = NULL, texts_bytes = 0, kept = 'dropped' WHERE function_id = ?1 AND texts IS NOT NULL
     AND seq IN (SELECT seq FROM invocations WHERE function_id = ?1 AND texts IS NOT NULL ORDER BY seq LIMIT ?2)`,
  );
  const list = sql(
    `SELECT body FROM invocations WHERE function_id = ?1
     AND (?2 IS NULL OR seq < (SELECT seq FROM invocations WHERE id = ?2))
     AND (?4 IS NULL OR version = ?4) AND (?5 = 0 OR outcome IN ('threw', 'limit', 'failed'))
     ORDER BY seq DESC LIMIT ?3`,
  );
  const get = sql('SELECT body, kept, texts FROM invocations WHERE id = ?');
  const figures = sql(
    `SELECT outcome, cold, duration_ms AS durationMs, total_ms AS totalMs FROM invocations
     WHERE function_id = ?1 AND at >= ?2 AND (?3 IS NULL OR version = ?3)`,
  );
  const oldest = sql('SELECT at FROM invocations WHERE function_id = ? ORDER BY seq LIMIT 1');

  /** How much there is of each function, so that not every invocation has to count it. */
  const sizes = new Map<string, { rows: number; bytes: number }>();
  const sizeOf = (id: string) => {
    const known = sizes.get(id);
    if (known) return known;
    const row = totals.get(id);
    const size = { rows: Number(row?.rows), bytes: Number(row?.bytes) };
    sizes.set(id, size);
    return size;
  };

  function trim(id: string): void {
    const { rows, bytes } = sizeOf(id);
    const kept = keep();
    if (rows < kept + STEP && bytes <= TEXTS_KEPT_BYTES) return;
    if (rows >= kept + STEP) forget.run(id, rows - kept - 1);
    sizes.delete(id);
    for (let left = sizeOf(id).bytes; left > TEXTS_KEPT_BYTES; left = sizeOf(id).bytes) {
      // With few and long texts, few are dropped at a time.
      dropTexts.run(id, Math.max(1, Math.min(STEP, Math.ceil(sizeOf(id).rows / 10))));
      sizes.delete(id);
    }
  }

  return {
    load: () =>
      sql('SELECT body FROM functions')
        .all()
        .flatMap(({ body }) => functionRowSchema.safeParse(parseJson(body)).data ?? []),
    ids: () =>
      sql('SELECT id FROM functions')
        .all()
        .map(({ id }) => String(id)),
    removeOrphans: () =>
      void sql('DELETE FROM function_versions WHERE function_id NOT IN (SELECT id FROM functions)').run(),
    put: (row) => void put.run(row.id, JSON.stringify(row)),
    remove(id) {
      for (const table of ['function_versions', 'invocations']) {
        sql(`DELETE FROM ${table} WHERE function_id = ?`).run(id);
      }
      sql('DELETE FROM functions WHERE id = ?').run(id);
      sizes.delete(id);
    },
    versions: (id) => versions.all(id).flatMap((row) => toVersion(row) ?? []),
    version(id, number) {
      const row = version.get(id, number);
      return row ? toVersion(row) : null;
    },
    putVersion: (id, row) =>
      void putVersion.run(id, row.version, row.createdAt, row.codeBytes, JSON.stringify(row.spec)),
    removeVersion: (id, number) =>
      void sql('DELETE FROM function_versions WHERE function_id = ? AND version = ?').run(id, number),
    addInvocation({ kept, payload, result, logs, logsAreCut, ...invocation }) {
      const texts = kept === 'off' ? null : JSON.stringify({ payload, result, logs, logsAreCut } satisfies Texts);
      const bytes = texts === null ? 0 : Buffer.byteLength(texts);
      const { id, functionId, at, outcome, cold, durationMs, totalMs } = invocation;
      const size = sizeOf(functionId);
      add.run(
        ...[id, functionId, invocation.version, at, outcome.type, cold ? 1 : 0],
        ...[durationMs, totalMs, JSON.stringify(invocation), kept, texts, bytes],
      );
      size.rows += 1;
      size.bytes += bytes;
      trim(functionId);
    },
    listInvocations: (id, before, limit, { version: of, onlyErrors = false } = {}) =>
      list
        .all(id, before ?? null, limit, of ?? null, onlyErrors ? 1 : 0)
        .map(({ body }) => invocationSchema.parse(parseJson(body))),
    getInvocation(id) {
      const row = get.get(id);
      if (!row) return null;
      const texts = row.texts === null ? noTexts : textsSchema.parse(parseJson(row.texts));
      return invocationDetailSchema.parse({ ...(parseJson(row.body) as object), ...texts, kept: row.kept });
    },
    figures(id, since, number) {
      const rows = figures.all(id, since, number ?? null);
      const first = oldest.get(id);
      return {
        from: first ? Number(first.at) : null,
        isTrimmed: sizeOf(id).rows >= keep(),
        figures: rows.map(({ outcome, cold, durationMs, totalMs }) => ({
          outcome: outcome as InvocationOutcome,
          cold: cold === 1,
          durationMs: Number(durationMs),
          totalMs: Number(totalMs),
        })),
      };
    },
  };
}

function toVersion(row: Record<string, unknown>): VersionRow | null {
  const { data: spec } = functionSpecInputSchema.safeParse(parseJson(row.spec));
  if (!spec) return null;
  return { version: Number(row.version), createdAt: Number(row.created_at), codeBytes: Number(row.code_bytes), spec };
}

/** `undefined` for text that is not JSON; the caller's schema then says no. */
function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
