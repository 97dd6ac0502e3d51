import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { Engine, EngineObject } from '../engine.ts';
import { createNamespaceEngine } from './namespace-engine.ts';

/** For the tests of this folder: a real engine over a state folder of its own. */
export interface TestEngine extends AsyncDisposable {
  readonly home: string;
  readonly engine: Engine;
  readonly create: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly running: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
}

export async function createTestEngine(folder?: string): Promise<TestEngine> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'terrarium-namespace-')));
  const engine = createNamespaceEngine({ owner: 'test', home });
  const create = async (spec: Partial<SandboxSpecInput> = {}) => {
    const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    return engine.create(
      { id, generation: 1, spec: fullSpec(spec), directory, portRange: { first: 28_000, last: 28_999 } },
      { signal: new AbortController().signal, progress: () => undefined },
    );
  };
  return {
    home,
    engine,
    create,
    running: async (spec) => engine.start((await create(spec)).ref),
    async [Symbol.asyncDispose]() {
      for (const { ref } of await engine.list()) await engine.destroy(ref);
      await engine.dispose();
      await removeTree(home);
    },
  };
}

function fullSpec(spec: Partial<SandboxSpecInput>) {
  return sandboxSpecSchema.parse({
    name: 'test',
    network: { mode: 'none' },
    profile: 'standard',
    ...sandboxSpecInputSchema.parse({ engine: 'namespace', source: { type: 'empty' }, ...spec }),
  });
}

/** Registers the tests where sandboxes can be made, else one that is skipped (or, where all engines are required, fails). */
export async function describeNamespace(title: string, body: () => void): Promise<void> {
  const engine = createNamespaceEngine({ owner: 'test', home: '/nonexistent' });
  const { reason } = await engine.probe();
  await engine.dispose();
  if (reason === null) return void describe(title, body);
  it(title, (context) => {
    if (process.env.TERRARIUM_REQUIRE_ENGINES === 'all') throw new Error(`namespace is not available: ${reason}`);
    context.skip(reason);
  });
}
