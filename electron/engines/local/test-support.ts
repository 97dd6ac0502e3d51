import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { Engine, EngineObject } from '../engine.ts';
import { plainCapabilities } from './capabilities.ts';
import type { Launcher } from './launcher.ts';
import { createLocalEngine } from './local-engine.ts';
import { probeMachine } from './probe.ts';

/** For the tests of this folder: a real engine over a state folder of its own. */
export interface TestEngine extends AsyncDisposable {
  readonly home: string;
  readonly engine: Engine;
  readonly create: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly running: (spec?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  readonly directoryOf: (object: EngineObject) => string;
}

export async function createTestEngine(folder?: string, launcher: Launcher = {}): Promise<TestEngine> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'terrarium-local-')));
  const engine = plainEngine(home, launcher);
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
    directoryOf: ({ ref }) => join(home, 'sandboxes', ref),
    async [Symbol.asyncDispose]() {
      for (const { ref } of await engine.list()) await engine.destroy(ref);
      await engine.dispose();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function plainEngine(home: string, launcher: Launcher): Engine {
  const capabilities = plainCapabilities(process.platform);
  return createLocalEngine({
    kind: 'process',
    owner: 'test',
    home,
    launcher,
    offer: () => ({ capabilities, runtimes: [] }),
    async probe() {
      const { missing } = await probeMachine(process.platform);
      const status = missing ? 'missing' : 'available';
      const why = missing ?? { reason: null, hint: null };
      return { kind: 'process', status, version: null, capabilities, runtimes: [], facts: {}, ...why };
    },
  });
}

function fullSpec(spec: Partial<SandboxSpecInput>) {
  return sandboxSpecSchema.parse({
    name: 'test',
    network: { mode: 'full' },
    profile: 'trusted',
    ...sandboxSpecInputSchema.parse({ engine: 'process', source: { type: 'empty' }, ...spec }),
  });
}
