// What runs in a process of its own for every program of a sandbox: it reads its job and runs the guest.
import { isMainThread, workerData } from 'node:worker_threads';
import { GUEST_ENV, JOB, type Job } from '../job.ts';
import { LIFELINE } from './function/protocol.ts';
import { createGuestFiles } from './guest-files.ts';
import { createLedger } from './ledger.ts';
import type { Guest } from './run-wasi.ts';

// A bundle of this is the program of its threads as well.
if (isMainThread) process.exitCode = await run();
else if (workerData === LIFELINE) await import('./function/lifeline.ts');
else await import('./console/worker.ts');

function readGuest(): Guest {
  const job: Job = JSON.parse(process.env[JOB] ?? 'null');
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith(GUEST_ENV) && value !== undefined ? [[name.slice(GUEST_ENV.length), value]] : [],
    ),
  );
  // Nothing of it is anybody else's business.
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  return { job, files: createGuestFiles(job.roots), ledger: createLedger(job), argv: process.argv.slice(2), env };
}

async function run(): Promise<number> {
  const guest = readGuest();
  const { job } = guest;
  if (job.serves) {
    const { serve } = await import('./function/serve.ts');
    await serve(job);
  }
  if (job.interactive && job.runtime !== 'wasi' && guest.argv.length === 1) {
    const { runConsole } = await import('./console/terminal.ts');
    return runConsole(guest);
  }
  if (job.runtime === 'quickjs') {
    const { runQuickJs } = await import('./quickjs/run-quickjs.ts');
    return runQuickJs(guest);
  }
  if (job.makeSnapshot) {
    const { makeSnapshot } = await import('./python/make-snapshot.ts');
    return makeSnapshot(guest);
  }
  if (job.runtime === 'python') {
    const { runPython } = await import('./python/run-python.ts');
    return runPython(guest);
  }
  const { runWasi } = await import('./run-wasi.ts');
  return runWasi(guest);
}
