import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';

const stateSchema = z.object({ pid: z.int(), port: z.int(), token: z.string() });

/** How scripts find the running host and prove who they are. Readable by its user only. */
export type HostState = z.infer<typeof stateSchema>;

const fileIn = (home: string) => join(home, 'host.json');

export async function writeState(home: string, state: HostState): Promise<void> {
  await writeFileAtomic(fileIn(home), `${JSON.stringify(state)}\n`, 0o600);
}

/** Null when no host has written one, or the file is damaged. Throws `denied` when another user has. */
export async function readState(home: string): Promise<HostState | null> {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(await readFile(fileIn(home), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (error instanceof SyntaxError || code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code !== 'EACCES') throw error;
    throw new AppError('denied', `The state folder ${home} belongs to another user`, {
      hint: 'Set TERRARIUM_HOME to a folder of your own, or be that user.',
      cause: error,
    });
  }
}

export async function removeState(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

/** Whether the process that has written it is there. One that was killed leaves its state behind. */
export function isAlive({ pid }: HostState): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // nobody has this number, or somebody else's process has it now
  }
}

/** What a host ends with that finds another one using the state folder. */
export const FOLDER_IN_USE = 75;
