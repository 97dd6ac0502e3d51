import { describeEngineContract } from '../engine-contract.ts';
import { available, createTestEngine, IMAGE, killOutside, lacksRuntime } from './test-support.ts';

await describeEngineContract('docker with gVisor', {
  available: async () => (await available()) ?? (await lacksRuntime('runsc')),
  makeEngine: async (home) => createTestEngine(home),
  baseSpec: { engine: 'docker', source: { type: 'image', reference: IMAGE }, runtime: 'runsc' },
  changeOutside: killOutside,
  // They are threads of gVisor's kernel.
  processesVisible: false,
});
