// What runs in a process of its own for every program of a sandbox: it reads its job and runs the guest.
import { isMainThread, workerData } from 'node:worker_threads';
import { GUEST_ENV, JOB, type Job } from '../job.ts';
import { LIFELINE } from './function/protocol.ts';
import { createGuestFiles } from './guest-files.ts';
import { createLedger } from './ledger.ts';
import type { Guest } from './run-wasi.ts';
import { readOrder, warmUp } from './standby.ts';

// A bundle of this is the program of its threads as well.
if (isMainThread) await main();
else if (workerData === LIFELINE) await import('./function/lifeline.ts');
else await import('./console/worker.ts');

async function main(): Promise<void> {
  const guest = await readGuest();
  if (!guest) return;
  process.exitCode = await run(guest);
  // At an orderly end V8 first finishes what it compiles beside, which takes longer than many a guest. Nothing is
  // left to be done: all output is written, and so is the account.
  if (guest.job.endsAtOnce) process.kill(process.pid, 'SIGKILL');
}

async function readGuest(): Promise<Guest | null> {
  const job: Job = JSON.parse(process.env[JOB] ?? 'null');
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith(GUEST_ENV) && value !== undefined ? [[name.slice(GUEST_ENV.length), value]] : [],
    ),
  );
  // Nothing of it is anybody else's business.
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  const guest = { job, files: createGuestFiles(job.roots), ledger: createLedger(job) };
  if (!job.standby) return { ...guest, argv: process.argv.slice(2), env };
  const warm = await warmUp(guest);
  const order = readOrder();
  if (!order) return null;
  const { argv, module, workdir } = order;
  // What the system shows of it, as if it had been started for this.
  process.title = argv.join(' ');
  return {
    ...guest,
    warm,
    argv,
    env: order.env,
    job: { ...job, ...(module === job.module ? {} : { module, metered: null }), workdir },
  };
}

async function run(guest: Guest): Promise<number> {
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
  if (job.makes === 'module') {
    const { makeModule } = await import('./make-module.ts');
    return makeModule(job);
  }
  if (job.makes === 'snapshot') {
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
