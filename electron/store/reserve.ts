import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { diskFull, isDiskFull } from '../lib/disk-full.ts';

/** Enough for some hundred rows; no more than one would miss. */
const BYTES = 1024 * 1024;
/** How often it is tried to have it back, in milliseconds. */
const AGAIN_MS = 10_000;

type Statement = Pick<StatementSync, 'run' | 'get' | 'all'>;
/** What the store does with a database. */
export type Statements = (text: string) => Statement;

/**
 * Statements that can still write when the disk is full, for a while: some room is kept in a file that is let go then.
 * So what filled the disk can be stopped and destroyed, and that is written down like everything else. Throws
 * `limit_exceeded` when there is no room even so.
 */
export function createStatements(
  database: DatabaseSync,
  reserveFile: string,
  now: () => number = Date.now,
): Statements {
  let triedAt = now();
  const keep = () => {
    if (existsSync(reserveFile)) return;
    try {
      // Nothing that a file system could make smaller.
      writeFileSync(reserveFile, randomBytes(BYTES), { mode: 0o600 });
    } catch (error) {
      rmSync(reserveFile, { force: true });
      if (!isDiskFull(error)) throw error;
    }
  };
  const letGo = (): boolean => {
    if (!existsSync(reserveFile)) return false;
    rmSync(reserveFile);
    triedAt = now();
    return true;
  };
  keep();

  const guard = <T>(work: () => T): T => {
    try {
      const result = work();
      if (now() - triedAt > AGAIN_MS) {
        triedAt = now();
        keep();
      }
      return result;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      if (!letGo()) throw diskFull('what Terrarium keeps', error);
      return guard(work);
    }
  };

  return (text) => {
    const statement = database.prepare(text);
    return {
      run: (...values: Parameters<StatementSync['run']>) => guard(() => statement.run(...values)),
      get: (...values: Parameters<StatementSync['get']>) => guard(() => statement.get(...values)),
      all: (...values: Parameters<StatementSync['all']>) => guard(() => statement.all(...values)),
    } as Statement;
  };
}
