import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ifThere } from '../../lib/if-there.ts';
import { unpacked } from './libraries.ts';

const run = promisify(execFile);

/** What runs in each child. `folder` is all that it reads of its own. */
export interface RunnerProgram {
  readonly file: string;
  readonly folder: string;
  /** Another one where anything in it is. */
  readonly version: string;
}

/**
 * Finds the runner: in the desktop application a bundle beside the host's own; else the source as JavaScript,
 * in the state folder and made when the source has changed.
 */
export function createRunnerProgram(home: string): () => Promise<RunnerProgram> {
  const here = unpacked(dirname(fileURLToPath(import.meta.url)));
  const make = async (): Promise<RunnerProgram> => {
    if (!import.meta.url.endsWith('.ts')) {
      const file = join(here, 'wasm-runner.js');
      return { file, folder: here, version: shortHash(createHash('sha256').update(await readFile(file))) };
    }
    const version = await versionOf(here);
    const folder = join(home, 'wasm', `runner-${version}`);
    const program = { file: join(folder, 'runner', 'main.js'), folder, version };
    if (await ifThere(stat(program.file))) return program;
    const partial = `${folder}.${process.pid}`;
    await mkdir(partial, { recursive: true, mode: 0o700 });
    try {
      const compiler = join(here, 'compile-runner.ts');
      const env = { ELECTRON_RUN_AS_NODE: '1' };
      await run(process.execPath, ['--no-warnings', compiler, here, partial], { env });
      // Another host may have been first.
      await rename(partial, folder).catch(async (error: unknown) => {
        if (!(await ifThere(stat(program.file)))) throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return program;
  };
  let made: Promise<RunnerProgram> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** Changes with anything in the source, and with Node. */
async function versionOf(folder: string): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const file of (await readdir(folder, { recursive: true })).toSorted()) {
    if (/^(?:job|compile-runner|(?:runner|metering)\/.+)\.ts$/.test(file))
      hash.update(await readFile(join(folder, file)));
  }
  return shortHash(hash);
}

const shortHash = (hash: Hash) => hash.digest('hex').slice(0, 16);
