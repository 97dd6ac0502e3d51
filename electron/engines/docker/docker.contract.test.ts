import { describeEngineContract } from '../engine-contract.ts';
import { available, createTestEngine, IMAGE, killOutside } from './test-support.ts';

await describeEngineContract('docker', {
  available,
  makeEngine: async (home) => createTestEngine(home),
  baseSpec: { engine: 'docker', source: { type: 'image', reference: IMAGE } },
  changeOutside: killOutside,
});
