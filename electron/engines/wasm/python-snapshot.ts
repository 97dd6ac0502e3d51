import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { ifThere } from '../../lib/if-there.ts';
import { libraries, versionOf } from './libraries.ts';
import type { Making } from './made-files.ts';
import { BOOTSTRAP } from './runner/python/bootstrap.ts';

export interface PythonSnapshot {
  /** Makes it unless it is there. */
  readonly ensure: (signal: AbortSignal) => Promise<void>;
  /** Null: there is none, and Python starts from nothing, which takes seconds. */
  readonly path: () => Promise<string | null>;
}

/** The memory of a Python that has just started, kept in the state folder: others begin with it. */
export function createPythonSnapshot(
  home: string,
  makeFile: (path: string, making: Making) => Promise<void>,
): PythonSnapshot {
  const folder = join(home, 'wasm');
  const file = () => {
    const began = createHash('sha256').update(BOOTSTRAP).digest('hex').slice(0, 8);
    const version = `${versionOf(libraries.python().folder)}-node-${process.versions.modules}-${began}`;
    return join(folder, `pyodide-${version}.snapshot`);
  };

  const make = async () => {
    const { module, folder: library } = libraries.python();
    // Counted, it starts in a world that is the same everywhere, and so does whoever begins with it.
    const limits = { fuel: Number.MAX_SAFE_INTEGER };
    try {
      await makeFile(file(), { runtime: 'python', makes: 'snapshot', module, library, limits });
    } catch (cause) {
      throw new AppError('internal', 'Python could not be prepared.', { hint: String(cause), cause });
    }
  };

  const path = async () => ((await ifThere(stat(file()))) ? file() : null);
  return {
    path,
    async ensure(signal) {
      if (await path()) return;
      const making = make();
      // Whoever gives up waiting does not take it from the others.
      const gone = Promise.withResolvers<never>();
      const onAbort = () => gone.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      gone.promise.catch(() => undefined);
      making.catch(() => undefined);
      try {
        await Promise.race([making, gone.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
