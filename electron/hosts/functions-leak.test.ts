import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { expect, test } from 'vitest';
import { functionSpecInputSchema } from '../../shared/model/function.ts';
import { openHome } from './home.ts';
import { createHost } from './host.ts';
import { waitFor } from './testing/wait-for.ts';

const signal = new AbortController().signal;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What of the heap is in use, everything that is garbage left out. */
function heapBytes(): number {
  for (let turn = 0; turn < 3; turn += 1) collect();
  return process.memoryUsage().heapUsed;
}

const residentBytes = async (pid: number) =>
  Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) * 4096;
const childrenOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);

// In this process, as only its own heap can be looked at.
test('a thousand invocations leak neither memory nor processes', { timeout: 120_000 }, async () => {
  const home = openHome(await mkdtemp(join(tmpdir(), 'terrarium-home-')));
  const log = pino({ level: 'silent' });
  const host = createHost({ kind: 'web', version: '0', home, log });
  const { functions } = host.services;
  try {
    const text =
      'export const handler = (n) => { console.log("x".repeat(100)); if (n < 0) throw new Error("x"); return "y".repeat(n); }';
    const spec = functionSpecInputSchema.parse({ engine: 'wasm', code: { type: 'javascript', text } });
    const { id } = await functions.create({ name: 'leak', spec, settings: { maxConcurrency: 2 } }, signal);
    const invoke = (payload: number) =>
      functions.invoke({ id, payload: String(payload) }, new AbortController().signal);
    const many = async (count: number) => {
      for (let done = 0; done < count; done += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => invoke(index === 0 ? -1 : 1000)));
        expect(answers.filter(({ resultBytes }) => resultBytes === 1002)).toHaveLength(49);
      }
    };
    const pids = () => functions.instances(id).map(({ pid }) => pid ?? 0);
    await many(500);
    const before = { heap: heapBytes(), pids: pids(), instances: await Promise.all(pids().map(residentBytes)) };
    const processes = await childrenOf(process.pid);
    await many(1000);
    // 1 KB for each would be 1 MB.
    expect(heapBytes() - before.heap).toBeLessThan(1e6);
    expect(pids()).toEqual(before.pids);
    const after = await Promise.all(pids().map(residentBytes));
    for (const [index, bytes] of after.entries()) expect(bytes - (before.instances[index] ?? 0)).toBeLessThan(8e6);
    // Engines are looked for meanwhile, by programs that end.
    await waitFor('no other process', async () =>
      (await childrenOf(process.pid)).every((pid) => processes.includes(pid)),
    );
    expect(functions.statistics(id, 3_600_000, undefined)).toMatchObject({ count: 1500, errors: 30 });
  } finally {
    await host.dispose();
    home.release();
    await rm(home.path, { recursive: true, force: true });
  }
});
