import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LimitName } from '../../../shared/model/limits.ts';
import type { Counters } from '../../../shared/model/sample.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { ifThere } from '../../lib/if-there.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import { membersOf, type ProcScan } from '../../lib/proc.ts';
import type { LocalSandbox, SandboxPlace } from '../local/launcher.ts';
import type { Account } from './job.ts';

const accountSchema = z.object({
  fuelConsumed: z.number().nullable(),
  memoryBytes: z.number(),
  limit: z.enum(['fuel', 'memoryBytes']).nullable(),
  code: z.number().nullable(),
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

/** A line for each time that a limit ended a program since the start. */
const strikesFile = (place: SandboxPlace) => join(folderOf(place), 'strikes');

export async function readStrikes(place: SandboxPlace): Promise<Readonly<Partial<Record<LimitName, number>>>> {
  const lines = (await ifThere(readFile(strikesFile(place), 'utf8')))?.split('\n') ?? [];
  const count = (limit: LimitName) => lines.filter((line) => line === limit).length;
  return { fuel: count('fuel'), memoryBytes: count('memoryBytes') };
}

/** What execs and consoles have burned that have ended since the start. */
const spentFile = (place: SandboxPlace) => join(folderOf(place), 'spent');
const spending = createKeyedLock();

const readSpent = async (place: SandboxPlace) => Number((await ifThere(readFile(spentFile(place), 'utf8'))) ?? 0);

const spend = (place: SandboxPlace, fuel: number) =>
  spending.run(place.id, async () =>
    writeFile(spentFile(place), String((await readSpent(place)) + fuel), { mode: 0o600 }),
  );

/**
 * What a live sandbox's programs use, as they have told themselves: a program does so when it calls out of its
 * module, so one that only computes is behind until it ends.
 */
export async function readUse(
  sandbox: LocalSandbox,
  scan: () => ProcScan,
): Promise<Pick<Counters, 'fuelConsumed' | 'linearMemoryBytes'>> {
  const { id, mark: number, spec } = sandbox.manifest;
  const parts = ((await ifThere(readdir(folderOf(sandbox)))) ?? []).flatMap((name) =>
    /^\d+\.json$/.test(name) ? Number.parseInt(name, 10) : [],
  );
  const accounts = await Promise.all(
    parts.map(async (part) => {
      const account = await readAccount(sandbox, part);
      // What a killed host has left behind uses no memory any more.
      const isLive = account !== null && membersOf(scan(), { number, id, part }).length > 0;
      return { fuel: account?.fuelConsumed ?? 0, memoryBytes: isLive ? account.memoryBytes : 0 };
    }),
  );
  const fuel = accounts.reduce((sum, each) => sum + each.fuel, await readSpent(sandbox));
  return {
    fuelConsumed: spec.limits.fuel === undefined ? null : fuel,
    linearMemoryBytes: Math.max(0, ...accounts.map(({ memoryBytes }) => memoryBytes)),
  };
}

/** The exit of a program with what its account says of it. A main program's is in the sandbox's own exit. */
export async function withAccount(place: SandboxPlace, part: number, exit: Exit): Promise<Exit> {
  const account = await readAccount(place, part);
  const { fuelConsumed = null, limit = null, code = null } = account ?? {};
  // It has ended itself, see `Job.endsAtOnce`.
  const own = exit.signal === 'SIGKILL' && code !== null && part !== 0;
  if (part !== 0) {
    if (limit !== null) await appendFile(strikesFile(place), `${limit}\n`, { mode: 0o600 });
    if (fuelConsumed !== null) await spend(place, fuelConsumed);
    await rm(accountFile(place, part), { force: true });
  }
  return {
    ...(own ? { code, signal: null } : exit),
    ...(limit === null ? {} : { limit }),
    ...(fuelConsumed === null ? {} : { fuelConsumed }),
  };
}
