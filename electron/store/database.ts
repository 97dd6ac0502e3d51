import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../shared/model/error.ts';
import { migrations } from './migrations.ts';

/** SQLite's result codes for a file that is damaged or no database at all (sqlite.org/rescode.html). */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** Where a damaged file was put, when there was one. */
  readonly setAside: string | null;
}

/** Opens the database at `path`, brings it up to date, and sets a damaged file aside instead of failing. */
export function openDatabase(path: string): OpenedDatabase {
  try {
    return { database: openChecked(path), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const setAside = setDamagedAside(path);
    return { database: openChecked(path), setAside };
  }
}

function openChecked(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: unknown } | undefined;
    if (check?.quick_check !== 'ok') throw new DamagedDatabase(String(check?.quick_check));
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version > migrations.length) {
    throw new AppError('conflict', 'The state folder was written by a newer version of Terrarium', {
      hint: 'Install that version again, or set TERRARIUM_HOME to another folder.',
    });
  }
  for (const [index, step] of migrations.entries()) {
    if (index < row.user_version) continue;
    database.exec(`BEGIN; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

class DamagedDatabase extends Error {}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true;
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  // Extended result codes keep the primary code in their low byte.
  const primary = error.errcode & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB;
}

function setDamagedAside(path: string): string {
  const target = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}
