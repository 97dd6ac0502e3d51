import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcTable } from '../../lib/proc.ts';

/** An exec or console that some host has started and not yet seen end. */
export interface ProgramRecord {
  /** Of the sandbox when it was started. */
  readonly mark: number;
  readonly part: number;
  readonly host: { readonly pid: number; readonly startTime: number };
}

/**
 * Writes down, before a program starts, which host it runs for, and gives what takes that back after
 * the program's end. What is still written down when its host is dead ran for nobody; a daemon that
 * a finished program left is not, and belongs to the sandbox.
 *
 * The record is a file's name: it is there or not, and never half written.
 */
export async function recordProgram(
  folder: string,
  table: ProcTable,
  program: Pick<ProgramRecord, 'mark' | 'part'>,
): Promise<() => Promise<void>> {
  ownStartTime ??= table.startTimeOf(process.pid) ?? 0;
  const file = join(folder, nameOf({ ...program, host: { pid: process.pid, startTime: ownStartTime } }));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, '');
  // One that stays is taken back by the next host: its program is not there to be killed.
  return () => rm(file, { force: true }).catch(() => undefined);
}

let ownStartTime: number | undefined;

/** Whether something in the sandbox runs for a host that lives: a tool may, also in one that is stopped. */
export async function servesLivingHost(folder: string, table: ProcTable): Promise<boolean> {
  const records = (await readdir(folder).catch(() => [])).map(parseName);
  return records.some((record) => record !== null && table.isAlive(record.host.pid, record.host.startTime));
}

/** Ends what runs for hosts that are dead, and takes its records back. */
export async function endOrphans(
  folder: string,
  table: ProcTable,
  end: (program: ProgramRecord) => Promise<unknown>,
): Promise<void> {
  // No folder: no program was ever started.
  for (const name of await readdir(folder).catch(() => [])) {
    const record = parseName(name);
    if (!record || table.isAlive(record.host.pid, record.host.startTime)) continue;
    await end(record);
    await rm(join(folder, name), { force: true });
  }
}

const nameOf = ({ mark, part, host }: ProgramRecord) => [mark, part, host.pid, host.startTime].join('-');

function parseName(name: string): ProgramRecord | null {
  const found = /^(\d+)-(\d+)-(\d+)-(\d+)$/.exec(name);
  if (!found) return null;
  const [mark = 0, part = 0, pid = 0, startTime = 0] = found.slice(1).map(Number);
  return { mark, part, host: { pid, startTime } };
}
