import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from '../../lib/if-there.ts';
import type { Log } from '../../lib/log.ts';
import type { Job } from './job.ts';
import type { Making } from './made-files.ts';
import { PAGE_BYTES } from './metering/meter.ts';
import type { RunnerProgram } from './runner-program.ts';

/** What is kept of those that were not used for a while. */
const MOST = { files: 16, bytes: 512 * 1024 * 1024 } as const;
/** A runner that was just started may be about to read it. */
const SETTLED_MS = 10 * 60_000;

export interface MeteredModules {
  /** A copy of the module that has these limits in it. Null: none is needed, or none can be made, and the runner will say why. */
  readonly ensure: (module: string, limits: Job['limits']) => Promise<string | null>;
}

/**
 * Modules with limits built in, in the state folder, so that no program waits for that: Pyodide's takes seconds. Each is named
 * by the module's content, the program that made it and what is built in (of fuel only that it is counted).
 */
export function createMeteredModules(options: {
  readonly home: string;
  readonly runnerProgram: () => Promise<RunnerProgram>;
  readonly makeFile: (path: string, making: Making) => Promise<void>;
  readonly log: Log;
}): MeteredModules {
  const { home, runnerProgram, makeFile, log } = options;
  const folder = join(home, 'wasm', 'metered');
  const hashes = new Map<string, string>();

  const hashOf = async (module: string) => {
    const { size, mtimeMs, ino } = await stat(module);
    const version = [module, ino, size, mtimeMs].join(':');
    const known = hashes.get(version);
    if (known !== undefined) return known;
    const hash = createHash('sha256')
      .update(await readFile(module))
      .digest('hex')
      .slice(0, 32);
    if (hashes.size >= MOST.files) hashes.clear();
    hashes.set(version, hash);
    return hash;
  };

  return {
    async ensure(module, limits) {
      const { fuel, memoryBytes } = limits;
      if (fuel === undefined && memoryBytes === undefined) return null;
      const { version } = await runnerProgram();
      const built = `${fuel === undefined ? '' : 'fuel-'}${memoryBytes === undefined ? 'any' : Math.floor(memoryBytes / PAGE_BYTES)}`;
      const hash = await ifThere(hashOf(module));
      if (hash === null) return null;
      const path = join(folder, `${hash}-${version}-${built}.wasm`);
      try {
        if (!(await ifThere(stat(path)))) {
          await makeFile(path, { runtime: 'wasi', makes: 'module', module, library: null, limits });
          await evict(folder);
        }
        const now = new Date();
        await utimes(path, now, now);
        return path;
      } catch (error) {
        log.debug({ module, error }, 'a module could not be kept with its limits in it');
        return null;
      }
    },
  };
}

/** Removes the longest unused, until what is left is within bounds. */
async function evict(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      path: join(folder, name),
      found: await ifThere(stat(join(folder, name))),
    })),
  );
  let bytes = 0;
  let count = 0;
  for (const { path, found } of files.toSorted((a, b) => (b.found?.mtimeMs ?? 0) - (a.found?.mtimeMs ?? 0))) {
    if (!found) continue;
    bytes += found.size;
    count += 1;
    const isOld = Date.now() - found.mtimeMs > SETTLED_MS;
    if (isOld && (count > MOST.files || bytes > MOST.bytes)) await rm(path, { force: true });
  }
}
