import type { EngineHarness } from '../engine-contract.ts';
import { manifestSchema } from '../local/manifest.ts';
import { createNamespaceEngine } from './namespace-engine.ts';

const engineOf = (home: string) => createNamespaceEngine({ owner: 'contract', home });

export function namespaceHarness(): EngineHarness {
  let home = '';
  return {
    available: async () => (await engineOf('/nonexistent').probe()).reason,
    makeEngine: async (folder) => {
      home = folder;
      return engineOf(folder);
    },
    baseSpec: { engine: 'namespace', source: { type: 'empty' } },
    async changeOutside({ ref }) {
      const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
      if (main) process.kill(main.pid, 'SIGKILL');
    },
  };
}
