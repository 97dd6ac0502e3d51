import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { JOB, type Job } from './job.ts';
import { nodeOptions } from './node-options.ts';
import type { RunnerProgram } from './runner-program.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** What of a job matters for making a file. */
export type Making = Pick<Job, 'runtime' | 'makes' | 'module' | 'library' | 'limits'>;

/**
 * Has a runner write a file of the state folder, in a process of its own: it takes seconds of one core. The file is there as a
 * whole or not at all, and is read-only. Two of the same at once are one.
 */
export function createFileMaker(
  runnerProgram: () => Promise<RunnerProgram>,
): (path: string, making: Making) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const make = async (path: string, making: Making) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const partial = `${path}.${process.pid}`;
    const job: Job = {
      ...making,
      roots: [],
      workdir: '/',
      metered: null,
      snapshot: null,
      serves: false,
      standby: false,
      endsAtOnce: false,
      account: partial,
      interactive: false,
    };
    const runner = await runnerProgram();
    try {
      await run(process.execPath, [...nodeOptions(job, runner.folder), runner.file], {
        env: { ELECTRON_RUN_AS_NODE: '1', [JOB]: JSON.stringify(job) },
        cwd: '/',
        timeout: TIMEOUT_MS,
      });
      await chmod(partial, 0o400);
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
  };
  return (path, making) => {
    const work =
      running.get(path) ??
      make(path, making).finally(() => {
        running.delete(path);
      });
    running.set(path, work);
    return work;
  };
}
