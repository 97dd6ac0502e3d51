import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, isAppError } from '../../shared/model/error.ts';
import { diskFull, isDiskFull } from '../lib/disk-full.ts';

export interface Home {
  readonly path: string;
  /** Names this installation in the labels of what it makes. Kept apart from the database, so that it survives it. */
  readonly owner: string;
  readonly release: () => void;
}

/** Opens the state folder for this process alone; throws `conflict` when another host has it. */
export function openHome(path: string): Home {
  return inHomeErrors(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const release = lock(path);
    return { path, owner: readOwner(path), release };
  });
}

/** What the system refuses in the state folder: `limit_exceeded` for a full disk, else `denied`. */
export function inHomeErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isDiskFull(cause)) throw diskFull(`the state folder ${path}`, cause);
    if (!isSystemError(cause)) throw cause;
    throw new AppError('denied', `The state folder ${path} cannot be used: ${cause.message}`, {
      hint: 'Set TERRARIUM_HOME to a folder that you can write to.',
      cause,
    });
  }
}

/** Of the file system (`code`) or of SQLite on it (`errcode`). */
const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && !isAppError(error) && ('errcode' in error || 'errno' in error);

/** SQLite's code for a file that another process has locked (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

/**
 * SQLite's exclusive lock is the operating system's: it ends with the process, also after `kill -9`,
 * so there is no stale lock file to guess about.
 */
function lock(path: string): () => void {
  const database = new DatabaseSync(join(path, 'lock.db'));
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
    throw new AppError('conflict', `Another Terrarium is using ${path}`, {
      hint: 'Use that one, or set TERRARIUM_HOME to another folder.',
      cause: error,
    });
  }
  return () => database.close();
}

function readOwner(path: string): string {
  const file = join(path, 'owner');
  try {
    const owner = readFileSync(file, 'utf8').trim();
    if (owner !== '') return owner;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const owner = randomUUID();
  // Whole or not at all: half an owner would make everything of ours foreign.
  writeFileSync(`${file}.new`, `${owner}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return owner;
}
