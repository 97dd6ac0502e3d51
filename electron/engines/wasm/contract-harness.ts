import type { SourcedSpec } from '../../../shared/model/configured-spec.ts';
import type { EngineObject } from '../engine.ts';
import type { EngineHarness } from '../engine-contract/fixture.ts';
import type { Programs } from '../engine-contract/programs.ts';
import { manifestSchema } from '../local/manifest.ts';
import { javaScriptPrograms, pythonPrograms } from './contract-programs.ts';
import { wasiPython } from './test-support.ts';
import { createWasmEngine } from './wasm-engine.ts';

const engineOf = (home: string) => createWasmEngine({ owner: 'contract', home });

interface Runtime {
  readonly baseSpec: SourcedSpec;
  readonly programs: Programs;
}

/** What the contract suite is run with. The module of WASI is a CPython that nobody here has built. */
export const contractRuntimes: Readonly<Record<'quickjs' | 'python' | 'wasi', Runtime>> = {
  quickjs: {
    baseSpec: { engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } },
    programs: javaScriptPrograms,
  },
  python: {
    baseSpec: { engine: 'wasm', runtime: 'python', source: { type: 'empty' } },
    programs: pythonPrograms('pyodide'),
  },
  wasi: { baseSpec: wasiPython, programs: pythonPrograms('wasi') },
};

export function wasmHarness({ baseSpec, programs }: Runtime): EngineHarness {
  let home = '';
  return {
    available: async () => (await engineOf('/nonexistent').probe()).reason,
    makeEngine: async (folder) => {
      home = folder;
      return engineOf(folder);
    },
    baseSpec,
    programs,
    changeOutside: async ({ ref }: EngineObject) => {
      const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
      if (main) process.kill(main.pid, 'SIGKILL');
    },
  };
}
