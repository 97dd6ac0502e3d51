import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import {
  type SandboxSpec,
  type SandboxSpecInput,
  sandboxSpecInputSchema,
  sandboxSpecSchema,
} from '../../../shared/model/spec.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { Engine, EngineObject } from '../engine.ts';

/** A real engine over a state folder of its own; all that was made goes with it. */
export interface TestEngine extends AsyncDisposable {
  readonly home: string;
  readonly engine: Engine;
  readonly create: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly running: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly directoryOf: (object: EngineObject) => string;
}

export async function createTestEngineWith(options: {
  readonly makeEngine: (home: string) => Engine;
  /** What a test's spec does not say. */
  readonly defaults: Pick<SandboxSpec, 'engine' | 'network' | 'profile'>;
  /** The state folder of another one, to take over what is in it. */
  readonly home?: string | undefined;
}): Promise<TestEngine> {
  const { makeEngine, defaults } = options;
  const { engine: kind, ...rest } = defaults;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), `terrarium-${kind}-`)));
  const engine = makeEngine(home);
  const create = async (input: Partial<SandboxSpecInput> = {}) => {
    const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    const full = sandboxSpecInputSchema.parse({ engine: kind, source: { type: 'empty' }, ...input });
    const spec = sandboxSpecSchema.parse({ name: 'test', ...rest, ...full });
    return engine.create(
      { id, generation: 1, spec, directory, portRange: { first: 28_000, last: 28_999 } },
      { signal: new AbortController().signal, progress: () => undefined },
    );
  };
  return {
    home,
    engine,
    create,
    running: async (spec) => engine.start((await create(spec)).ref),
    directoryOf: ({ ref }) => join(home, 'sandboxes', ref),
    async [Symbol.asyncDispose]() {
      for (const { ref } of await engine.list()) await engine.destroy(ref);
      await engine.dispose();
      await removeTree(home);
    },
  };
}
