import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { withHost } from './host.ts';

const HOSTS = 5;
const LOOK_MS = 500;
/** Settled: so many looks without more than 1 % of change; a host that never settles is taken as it is. */
const QUIET_LOOKS = 4;
const MOST_LOOKS = 20;

const run = promisify(execFile);

/** Resident memory of a process, in MB (powers of ten). */
async function residentMB(pid: number): Promise<number> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return (Number(stdout) * 1024) / 1e6;
  }
  const kib = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

async function settledMB(pid: number, signal: AbortSignal): Promise<number> {
  let last = await residentMB(pid);
  for (let look = 0, quiet = 0; look < MOST_LOOKS && quiet < QUIET_LOOKS; look++) {
    await sleep(LOOK_MS, undefined, { signal });
    const now = await residentMB(pid);
    quiet = Math.abs(now - last) <= last * 0.01 ? quiet + 1 : 0;
    last = now;
  }
  return last;
}

export const hostMemory: Benchmark = {
  figures: ['hostRssMB'],
  needsBrowser: false,
  run: async ({ signal }) => {
    const samples: number[] = [];
    while (samples.length < HOSTS) {
      const sample = await withHost(async (host) => {
        // A call, so that what every host loads on its first one is there.
        await host.client.sandboxes.list({});
        return settledMB(host.pid, signal);
      });
      samples.push(sample);
    }
    return { hostRssMB: { samples } };
  },
};
