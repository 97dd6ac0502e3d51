import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { SandboxPlace } from '../local/launcher.ts';
import type { Account } from './job.ts';

const accountSchema = z.object({
  fuelConsumed: z.number().nullable(),
  memoryBytes: z.number(),
  limit: z.enum(['fuel', 'memoryBytes']).nullable(),
}) satisfies z.ZodType<Account>;

const folderOf = ({ paths }: SandboxPlace) => join(paths.directory, 'accounts');

/** Of one program, by its mark's part; main programs have 0. */
export const accountFile = (place: SandboxPlace, part: number): string => join(folderOf(place), `${part}.json`);

export async function clearAccounts(place: SandboxPlace): Promise<void> {
  await rm(folderOf(place), { recursive: true, force: true });
  await mkdir(folderOf(place), { recursive: true, mode: 0o700 });
}

export const removeAccounts = (place: SandboxPlace): Promise<void> =>
  rm(folderOf(place), { recursive: true, force: true });

/** Null: it has told nothing, e.g. because it was killed. */
async function readAccount(place: SandboxPlace, part: number): Promise<Account | null> {
  const text = await ifThere(readFile(accountFile(place, part), 'utf8'));
  if (text === null || text.trim() === '') return null;
  return accountSchema.parse(JSON.parse(text));
}

/** The exit of a program with what its account says of it. */
export async function withAccount(place: SandboxPlace, part: number, exit: Exit): Promise<Exit> {
  const account = await readAccount(place, part);
  if (part !== 0) await rm(accountFile(place, part), { force: true });
  return {
    ...exit,
    ...(account?.limit == null ? {} : { limit: account.limit }),
    ...(account?.fuelConsumed == null ? {} : { fuelConsumed: account.fuelConsumed }),
  };
}
