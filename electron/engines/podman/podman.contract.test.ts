import { describeEngineContract } from '../engine-contract.ts';
import { findTestPodman, IMAGE, podmanOf } from './test-podman.ts';
import { createRootEngine, missingFor } from './test-support.ts';

const podman = await findTestPodman();
const found = () => {
  if (typeof podman === 'string') throw new Error(podman);
  return podman;
};

await describeEngineContract('podman (rootful)', {
  available: async () =>
    typeof podman === 'string' ? podman : missingFor(createRootEngine(podman, 'look', '/nowhere')),
  makeEngine: async (home) => createRootEngine(found(), home, home),
  baseSpec: { engine: 'podman', source: { type: 'image', reference: IMAGE } },
  async changeOutside({ ref }) {
    await podmanOf(found(), 'kill', ref);
  },
});
