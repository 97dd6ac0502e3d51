import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../shared/model/error.ts';
import { ifThere } from '../../lib/if-there.ts';
import { JOB, type Job } from './job.ts';
import { libraries, versionOf } from './libraries.ts';
import { nodeOptions } from './node-options.ts';
import type { RunnerProgram } from './runner-program.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

export interface PythonSnapshot {
  /** Makes it unless it is there. */
  readonly ensure: (signal: AbortSignal) => Promise<void>;
  /** Null: there is none, and Python starts from nothing, which takes seconds. */
  readonly path: () => Promise<string | null>;
}

/** The memory of a Python that has just started, kept in the state folder: others begin with it. */
export function createPythonSnapshot(home: string, runnerProgram: () => Promise<RunnerProgram>): PythonSnapshot {
  const folder = join(home, 'wasm');
  const file = () =>
    join(folder, `pyodide-${versionOf(libraries.python().folder)}-node-${process.versions.modules}.snapshot`);
  let making: Promise<void> | undefined;

  const make = async () => {
    const path = file();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const partial = `${path}.${process.pid}`;
    const { module, folder: library } = libraries.python();
    const job: Job = {
      runtime: 'python',
      roots: [],
      workdir: '/',
      module,
      library,
      snapshot: null,
      isMetered: false,
      makeSnapshot: true,
      serves: false,
      // Counted, it starts in a world that is the same everywhere, and so does whoever begins with it.
      limits: { fuel: Number.MAX_SAFE_INTEGER },
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
      await rename(partial, path);
    } catch (cause) {
      throw new AppError('internal', 'Python could not be prepared.', { hint: String(cause), cause });
    } finally {
      await rm(partial, { force: true });
    }
  };

  const path = async () => ((await ifThere(stat(file()))) ? file() : null);
  return {
    path,
    async ensure(signal) {
      if (await path()) return;
      making ??= make().finally(() => {
        making = undefined;
      });
      // Whoever gives up waiting does not take it from the others.
      const gone = Promise.withResolvers<never>();
      const onAbort = () => gone.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      gone.promise.catch(() => undefined);
      try {
        await Promise.race([making, gone.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
