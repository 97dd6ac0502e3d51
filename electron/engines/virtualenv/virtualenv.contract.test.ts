import type { EngineObject } from '../engine.ts';
import { describeEngineContract } from '../engine-contract.ts';
import { manifestSchema } from '../local/manifest.ts';
import { createVirtualenvEngine } from './virtualenv-engine.ts';

const engineOf = (home: string) => createVirtualenvEngine({ owner: 'contract', home });

let home = '';

await describeEngineContract('virtualenv', {
  available: async () => (await engineOf('/nonexistent').probe()).reason,
  makeEngine: async (folder) => {
    home = folder;
    return engineOf(folder);
  },
  baseSpec: { engine: 'virtualenv', source: { type: 'empty' } },
  changeOutside: async ({ ref }: EngineObject) => {
    const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
    if (main) process.kill(main.pid, 'SIGKILL');
  },
});
