import type { EngineHarness } from '../engine-contract.ts';
import type { GVISOR } from '../gvisor/capabilities.ts';
import { manifestSchema } from '../local/manifest.ts';
import { createNamespaceEngine } from './namespace-engine.ts';

const engineOf = (home: string) => createNamespaceEngine({ owner: 'contract', home });

/** `runtime` as in a spec. */
export function namespaceHarness(runtime?: typeof GVISOR): EngineHarness {
  let home = '';
  return {
    async available() {
      const { reason, runtimes, facts } = await engineOf('/nonexistent').probe();
      if (reason !== null || runtime === undefined || runtimes.some(({ name }) => name === runtime)) return reason;
      return facts[`runtime ${runtime}`] ?? 'gVisor is not installed; run: npm run provision';
    },
    makeEngine: async (folder) => {
      home = folder;
      return engineOf(folder);
    },
    baseSpec: { engine: 'namespace', source: { type: 'empty' }, ...(runtime === undefined ? {} : { runtime }) },
    async changeOutside({ ref }) {
      const { main } = manifestSchema.parse(await engineOf(home).inspectRaw(ref));
      if (main) process.kill(main.pid, 'SIGKILL');
    },
    // What runs in gVisor are threads of its kernel.
    processesVisible: runtime === undefined,
  };
}
