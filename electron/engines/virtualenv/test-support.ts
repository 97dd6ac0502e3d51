import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { Engine, EngineObject, PackageStore, Task } from '../engine.ts';
import { createVirtualenvEngine } from './virtualenv-engine.ts';

/** For the tests of this folder: a real engine over a state folder of its own. */
export interface TestEngine extends AsyncDisposable {
  readonly home: string;
  readonly engine: Engine;
  readonly packages: PackageStore;
  readonly create: (spec?: Partial<SandboxSpecInput>, task?: Task) => Promise<EngineObject>;
  readonly running: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly venvOf: (object: EngineObject) => string;
}

export const quietTask = (): Task => ({ signal: new AbortController().signal, progress: () => undefined });

export async function createTestEngine(folder?: string): Promise<TestEngine> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'terrarium-virtualenv-')));
  const engine = createVirtualenvEngine({ owner: 'test', home });
  const [packages] = engine.packages ?? [];
  if (!packages) throw new Error('no packages');
  const create = async (spec: Partial<SandboxSpecInput> = {}, task = quietTask()) => {
    const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    const full = sandboxSpecSchema.parse({
      name: 'test',
      network: { mode: 'full' },
      profile: 'trusted',
      ...sandboxSpecInputSchema.parse({ engine: 'virtualenv', source: { type: 'empty' }, ...spec }),
    });
    const request = { id, generation: 1, spec: full, directory, portRange: { first: 28_000, last: 28_999 } };
    return engine.create(request, task);
  };
  return {
    home,
    engine,
    packages,
    create,
    running: async (spec) => engine.start((await create(spec)).ref),
    venvOf: ({ ref }) => join(home, 'sandboxes', ref, 'venv'),
    async [Symbol.asyncDispose]() {
      for (const { ref } of await engine.list()) await engine.destroy(ref);
      await engine.dispose();
      await rm(home, { recursive: true, force: true });
    },
  };
}
