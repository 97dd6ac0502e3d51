import { readdir, readFile } from 'node:fs/promises';
import { isAppError } from '../../../shared/model/error.ts';
import { type Fixture, processesWith, run, sh, until } from './fixture.ts';

/** Resolves when for each marker a program in the sandbox runs that has it as an argument, see `uniqueSleep`. */
export async function untilAllRun(fixture: Fixture, ref: string, markers: readonly string[]): Promise<void> {
  let seen: readonly string[] = [];
  await until('all to run', async () => {
    seen = await running(fixture, ref, markers);
    return seen.length === markers.length;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; of ${markers.join(', ')} there run ${seen.join(', ')}`);
  });
}

/** Resolves when none does any more. */
export async function untilNoneRuns(fixture: Fixture, ref: string, markers: readonly string[]): Promise<void> {
  await until(`${markers.join(', ')} to be gone`, async () => (await running(fixture, ref, markers)).length === 0);
}

async function running(fixture: Fixture, ref: string, markers: readonly string[]): Promise<readonly string[]> {
  const { harness } = fixture;
  if (harness.processesVisible === false) {
    const inside = await argumentsInside(fixture, ref);
    return markers.filter((marker) => inside.has(marker));
  }
  const found = await Promise.all(markers.map(async (marker) => (await processesWith(marker)).length > 0));
  return markers.filter((_marker, index) => found[index]);
}

/** Asked of a program inside. Where none can be started, nothing runs once its kernel is gone. */
async function argumentsInside({ engine, programs }: Fixture, ref: string): Promise<ReadonlySet<string>> {
  if (!programs.shell) throw new Error('what runs inside can be seen neither from this machine nor by a shell');
  try {
    // Some have ended before they are read: its exit code says nothing.
    const { stdout } = await run(engine, ref, sh('cat /proc/[0-9]*/cmdline'));
    return new Set(stdout.toString().split('\0'));
  } catch (error) {
    if (!isAppError(error, 'conflict') && !isAppError(error, 'not_found')) throw error;
    await until(`the kernel of ${ref} to be gone`, async () => !(await hasKernel(ref)));
    return new Set();
  }
}

/** By what carries it: gVisor's kernel is the only one so far. A monitor of Podman's may stay, with nothing to look after. */
async function hasKernel(ref: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.some((line) => /^[^\0]*\brunsc[^\0/]*\0/.test(line) && line.includes(ref));
}
