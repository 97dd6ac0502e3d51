import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import type { EngineObject } from '../engine.ts';
import type { Programs } from '../engine-contract/programs.ts';
import { describeEngineContract } from '../engine-contract.ts';
import { manifestSchema } from '../local/manifest.ts';
import { javaScriptPrograms, pythonPrograms } from './contract-programs.ts';
import { wasiPython } from './test-support.ts';
import { createWasmEngine } from './wasm-engine.ts';

const engineOf = (home: string) => createWasmEngine({ owner: 'contract', home });

const runtimes: readonly { readonly name: string; readonly baseSpec: SandboxSpecInput; readonly programs: Programs }[] =
  [
    {
      name: 'wasm (quickjs)',
      baseSpec: { engine: 'wasm', runtime: 'quickjs', source: { type: 'empty' } },
      programs: javaScriptPrograms,
    },
    {
      name: 'wasm (python)',
      baseSpec: { engine: 'wasm', runtime: 'python', source: { type: 'empty' } },
      programs: pythonPrograms('pyodide'),
    },
    // The module is a CPython that nobody here has built.
    { name: 'wasm (wasi)', baseSpec: wasiPython, programs: pythonPrograms('wasi') },
  ];

for (const { name, baseSpec, programs } of runtimes) {
  let home = '';
  await describeEngineContract(name, {
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
  });
}
