import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { describeNamespace } from '../../engines/namespace/test-support.ts';
import { dockerMissing, dockerTruth, type EngineTruth, namespaceTruth, processTruth } from '../testing/engine-truth.ts';
import { heapInUse } from '../testing/heap.ts';
import { hostForTests } from '../testing/host-for-tests.ts';
import { mixedWork, OWNER_VARIABLE } from '../testing/mixed-work.ts';
import { waitFor } from '../testing/wait-for.ts';
import { connect } from './index.ts';

const CLIENTS = 50;
/**
 * So much of the heap may be in use more than before: what V8 and Node keep changes by a megabyte, and foreign containers
 * have their charts (90 KB each). Kept specs (20 KB) or files (100 KB) of what is gone would be more.
 */
const HEAP_NOISE = 4e6;
/** What a burst needed stays with the allocator. */
const RESIDENT_NOISE = 80e6;
/** Both ends of pipes for the next commands, see `openOutputPipes`. */
const SPARE_FILES = 2 * 18;

const { home, host } = hostForTests({ isInspected: true });

const openFiles = async () => (await readdir(`/proc/${host.pid}/fd`)).length;
const children = async () => {
  const text = await readFile(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
};
const resident = async () => Number((await readFile(`/proc/${host.pid}/statm`, 'utf8')).split(' ')[1]) * 4096;
const memory = async () => ({ heap: await heapInUse(host.inspector ?? ''), resident: await resident() });

/** Programs of sandboxes, wherever they went. */
async function programsOf(owner: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => environments[index]?.includes(`${OWNER_VARIABLE}=${owner}`));
}

function rowsLeft(): Record<string, unknown> | undefined {
  using database = new DatabaseSync(join(home.path, 'terrarium.db'), { readOnly: true });
  return database
    .prepare('SELECT (SELECT count(*) FROM executions) AS executions, (SELECT count(*) FROM sandboxes) AS sandboxes')
    .get();
}

/** Many programs, each with a connection and sandboxes of its own. Gives the sandboxes' ids. */
async function manyAtOnce({ engine, source }: EngineTruth, owner: string, rounds: number): Promise<readonly string[]> {
  const one = async (_: unknown, number: number) => {
    using terrarium = connect({ home: home.path });
    const ids: string[] = [];
    while (ids.length < rounds) ids.push(await mixedWork(terrarium, { engine, source }, `${owner}-${number}`));
    return ids;
  };
  // Each to its end, also when another fails: so nothing of them is left in the engine.
  const all = await Promise.allSettled(Array.from({ length: CLIENTS }, one));
  expect(all.filter(({ status }) => status === 'rejected')).toEqual([]);
  return all.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** Of sandboxes, by their names. */
async function cgroupsOf(ids: readonly string[]): Promise<readonly string[]> {
  const names = await readdir('/sys/fs/cgroup', { recursive: true });
  return names.filter((name) => ids.some((id) => name.includes(id)));
}

/** The first round makes what is made once and stays; what the others leave is compared with what it left. */
async function serve(truth: EngineTruth, rounds: number): Promise<void> {
  const owner = `${truth.engine}-${process.pid}`;
  const first = await manyAtOnce(truth, owner, 1);
  const before = { files: await openFiles(), children: await children(), memory: await memory() };
  const ids = [...first, ...(await manyAtOnce(truth, owner, rounds - 1))];
  expect(new Set(ids).size).toBe(CLIENTS * rounds);
  expect((await host.client.sandboxes.list({})).filter(({ foreign }) => !foreign)).toEqual([]);
  expect(await truth.ids(home.path)).toEqual([]);
  expect(await readdir(join(home.path, 'sandboxes'))).toEqual([]);
  expect(await programsOf(owner)).toEqual([]);
  expect(await cgroupsOf(ids)).toEqual([]);
  expect(rowsLeft()).toEqual({ executions: 0, sandboxes: 0 });
  await waitFor('the host’s new children to be gone', async () =>
    (await children()).every((pid) => before.children.includes(pid)),
  );
  await waitFor('the host’s new files to be closed', async () => (await openFiles()) <= before.files + SPARE_FILES);
  const after = await memory();
  expect(after.heap - before.memory.heap).toBeLessThan(HEAP_NOISE);
  expect(after.resident - before.memory.resident).toBeLessThan(RESIDENT_NOISE);
}

// Rounds for half a minute on two cores: each makes, uses and destroys 50 sandboxes.
describe('50 programs at once', () => {
  it('each have their own processes and files, and nothing is left of them', () => serve(processTruth, 8), 300_000);
});

describeUnless(await dockerMissing(), '50 programs at once with docker', () => {
  it('each have their own containers and files, and nothing is left of them', () => serve(dockerTruth, 2), 300_000);
});

await describeNamespace('50 programs at once with namespaces', () => {
  it('each have their own namespaces and files, and nothing is left of them', () => serve(namespaceTruth, 2), 300_000);
});
