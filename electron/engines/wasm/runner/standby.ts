import { existsSync, readSync } from 'node:fs';
import type { Job, Order } from '../job.ts';
import type { GuestFiles } from './guest-files.ts';
import type { Ledger } from './ledger.ts';
import type { PythonRealm } from './python/realm.ts';
import type { QuickJsHost } from './quickjs/host-calls.ts';
import type { Machine } from './quickjs/machine.ts';

/** What a runner can have ready before it knows which program it will be. */
export interface Warm {
  /** By their files. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
  readonly machine?: (host: QuickJsHost) => Machine;
  readonly realm?: PythonRealm;
}

export async function warmUp(guest: {
  readonly job: Job;
  readonly files: GuestFiles;
  readonly ledger: Ledger;
}): Promise<Warm> {
  const { job } = guest;
  const modules = new Map<string, WebAssembly.Module>();
  if (job.runtime === 'quickjs') {
    const [{ openMachine }] = await Promise.all([import('./quickjs/machine.ts'), import('./quickjs/run-quickjs.ts')]);
    return { modules, machine: await openMachine(guest) };
  }
  if (job.runtime === 'python') {
    const { openOwnRealm } = await import('./python/run-python.ts');
    return { modules, realm: await openOwnRealm(guest) };
  }
  const { compileGuest } = await import('./run-wasi.ts');
  // There may be none but those in the workspace.
  if (!existsSync(job.module)) return { modules };
  try {
    modules.set(job.module, compileGuest(job));
  } catch (error) {
    // It is told when it is asked for.
    if (!(error instanceof Error)) throw error;
  }
  return { modules };
}

const ORDER_FD = 3;
const CHUNK = 65_536;

/** Waits until it is told what to be, which ends with the pipe. Null: nobody will. */
export function readOrder(): Order | null {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const got = readSync(ORDER_FD, chunk);
    if (got === 0) break;
    chunks.push(chunk.subarray(0, got));
  }
  return chunks.length === 0 ? null : (JSON.parse(Buffer.concat(chunks).toString()) as Order);
}
