import type { EngineObject } from '../engine.ts';
import { describeEngineContract } from '../engine-contract.ts';
import { manifestSchema } from '../local/manifest.ts';
import { createProcessEngine } from './process-engine.ts';

const engineOf = (home: string) => createProcessEngine({ owner: 'contract', home });

let home = '';

await describeEngineContract('process', {
  available: async () => (await engineOf('/nonexistent').probe()).reason,
  makeEngine: async (folder) => {
    home = folder;
    return engineOf(folder);
  },
  baseSpec: { engine: 'process', source: { type: 'empty' } },
  changeOutside: async ({ ref }: EngineObject) => {
    const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
    if (main) process.kill(main.pid, 'SIGKILL');
  },
});
