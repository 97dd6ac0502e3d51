import type { EngineObject } from '../engine.ts';
import { describeEngineContract } from '../engine-contract.ts';
import { manifestSchema } from '../local/manifest.ts';
import { createVirtualenvEngine } from './virtualenv-engine.ts';

const engineOf = (home: string) => createVirtualenvEngine({ owner: 'contract', home });

let home = '';

await describeEngineContract('virtualenv in namespaces', {
  async available() {
    const { reason, runtimes } = await engineOf('/nonexistent').probe();
    if (reason !== null) return reason;
    return runtimes.length > 0 ? null : 'bubblewrap makes no sandboxes here; run: npm run provision';
  },
  makeEngine: async (folder) => {
    home = folder;
    return engineOf(folder);
  },
  baseSpec: { engine: 'virtualenv', runtime: 'namespace', source: { type: 'empty' } },
  changeOutside: async ({ ref }: EngineObject) => {
    const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
    if (main) process.kill(main.pid, 'SIGKILL');
  },
});
