// What runs in a process of its own for every program of a sandbox: it reads its job and runs the guest.
import { GUEST_ENV, JOB, type Job } from '../job.ts';
import { createGuestFiles } from './guest-files.ts';
import { createLedger } from './ledger.ts';
import type { Guest } from './run-wasi.ts';

const job: Job = JSON.parse(process.env[JOB] ?? 'null');
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith(GUEST_ENV) && value !== undefined ? [[name.slice(GUEST_ENV.length), value]] : [],
  ),
);
for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);

const guest: Guest = {
  job,
  files: createGuestFiles(job.roots),
  ledger: createLedger(job),
  argv: process.argv.slice(2),
  env,
};

process.exitCode = await run();

async function run(): Promise<number> {
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
