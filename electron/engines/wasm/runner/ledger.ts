import { openSync, writeSync } from 'node:fs';
import type { Account, Job } from '../job.ts';
import { createGauge, type Gauge } from './gauge.ts';
import { writeText } from './standard-streams.ts';
import { isGuestExit } from './wasi-process.ts';

/** Wide enough for every account, so that a shorter one does not leave something of a longer one behind. */
const RECORD_BYTES = 256;
const EVERY_MS = 250;
/** What a shell says of a program that aborted: 128 and the signal ABRT. */
const ABORTED = 134;

export interface Ledger extends Gauge {
  /** Notes what was used, now and then. */
  readonly note: () => void;
  /** The code to end with: what the guest said, or why it could not go on. Writes the account. */
  readonly close: (ended: { readonly code: number } | { readonly error: unknown }) => number;
}

/** Holds the limits of one program and tells what it used. */
export function createLedger(job: Pick<Job, 'limits' | 'account'>): Ledger {
  const fd = job.account === null ? null : openSync(job.account, 'w', 0o600);
  const gauge = createGauge(job);
  let noted = 0;

  const write = (limit: Account['limit'], code: number | null = null) => {
    if (fd === null) return;
    const record: Account = { fuelConsumed: gauge.fuelConsumed(), memoryBytes: gauge.memoryBytes(), limit, code };
    writeSync(fd, JSON.stringify(record).padEnd(RECORD_BYTES), 0);
  };
  return {
    ...gauge,
    note() {
      const now = performance.now();
      if (now - noted < EVERY_MS) return;
      noted = now;
      write(null);
    },
    close(ended) {
      const code = 'code' in ended ? ended.code : isGuestExit(ended.error) ? ended.error.exitCode : ABORTED;
      const limit = code === 0 ? null : gauge.limitHit();
      if (code === ABORTED && 'error' in ended) writeText(2, `terrarium: ${explain(limit, ended.error)}\n`);
      write(limit, code);
      return code;
    },
  };
}

function explain(limit: Account['limit'], error: unknown): string {
  if (limit === 'fuel') return 'stopped, because it has used up its fuel';
  const why = error instanceof Error ? error.message : String(error);
  return limit === 'memoryBytes' ? `out of memory (${why})` : why;
}
