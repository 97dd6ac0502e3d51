import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Log } from '../lib/log.ts';

/** The log is started anew above this size; one older file is kept beside it. */
const LARGEST_LOG = 10 * 1024 * 1024;
/** Bytes that wait for room on the disk; what comes above is dropped. */
const LARGEST_UNWRITTEN = 256 * 1024;

/** The host's log: `log/host.log` in the state folder, one JSON object a line. */
export function openLog(home: string): Log {
  const folder = join(home, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'host.log');
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_LOG) renameSync(file, `${file}.old`);
  const destination = pino.destination({ dest: file, mode: 0o600, sync: true, maxLength: LARGEST_UNWRITTEN });
  // A full disk: whoever wants to say something goes on without; it is said later, as far as it was kept.
  destination.on('error', () => undefined);
  return pino({ base: null }, destination);
}
