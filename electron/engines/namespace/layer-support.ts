import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../lib/remove-tree.ts';
import type { ChangeStore } from '../engine.ts';
import { run, sh } from '../engine-contract/fixture.ts';
import { createTestEngine, type TestEngine } from './test-support.ts';

/** A sandbox whose writes to a user's folder are kept apart, for tests. */
export interface Kept extends AsyncDisposable {
  readonly folder: string;
  readonly test: TestEngine;
  readonly changes: ChangeStore;
  readonly ref: string;
  /** Runs a line of shell in it and gives all that it said. */
  readonly say: (script: string) => Promise<string>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** `<kind> <path>` of each change. */
  readonly list: () => Promise<readonly string[]>;
  readonly apply: (...paths: readonly string[]) => ReturnType<ChangeStore['apply']>;
  readonly discard: (...paths: readonly string[]) => Promise<void>;
  /** Runs a line of shell in the user's folder, as the user. */
  readonly outside: (script: string) => string;
}

export const unaborted = (): AbortSignal => new AbortController().signal;

export const keptSpec = (folder: string) => ({
  source: { type: 'directory', path: folder } as const,
  filesystem: { readOnly: [], readWrite: [], denied: [], overlay: true },
});

/** `prepare`: makes what is in the user's folder. Runs as whoever runs the tests. */
export async function createKept(prepare: string, options: { readonly folder?: string } = {}): Promise<Kept> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'terrarium-user-folder-'));
  const outside = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder }).toString().trim();
  outside(prepare);
  const test = await createTestEngine();
  const changes = test.engine.changes;
  if (!changes) throw new Error('the engine keeps no changes');
  const { ref } = await test.running(keptSpec(folder));
  const some = (paths: readonly string[]) => (paths.length === 0 ? undefined : paths);
  return {
    folder,
    test,
    changes,
    ref,
    async say(script) {
      const { stdout, stderr } = await run(test.engine, ref, sh(script));
      return `${stdout.toString()}${stderr.toString()}`.trim();
    },
    async stop() {
      await test.engine.stop(ref, 0);
    },
    async start() {
      await test.engine.start(ref);
    },
    list: async () => (await changes.list(ref)).changes.map(({ kind, path }) => `${kind} ${path}`),
    apply: (...paths) => changes.apply(ref, some(paths), unaborted()),
    discard: (...paths) => changes.discard(ref, some(paths)),
    outside,
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      if (options.folder === undefined) await removeTree(folder);
    },
  };
}

/** The paths of which a list says that they were changed outside as well. */
export const conflictsOf = async ({ changes, ref }: Kept): Promise<readonly string[]> =>
  (await changes.list(ref)).changes.filter((each) => each.changedOutside).map(({ path }) => path);

/** Every file with its contents, mode and time: what must not change. */
export const SEAL = 'find . -printf "%p %m %T@ %l\\n" | sort; find . -type f | sort | xargs cat';
