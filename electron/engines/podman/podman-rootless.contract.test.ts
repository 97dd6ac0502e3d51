import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEngineContract } from '../engine-contract.ts';
import { becomeUser, findTestPodman, IMAGE, userPodman } from './test-podman.ts';
import { createUserEngine, missingFor } from './test-support.ts';

// The engine, this test and the service that the engine starts all run as an ordinary user.
const podman = await findTestPodman();
if (typeof podman !== 'string') becomeUser(podman);
const found = () => {
  if (typeof podman === 'string') throw new Error(podman);
  return podman;
};

async function available(): Promise<string | null> {
  if (typeof podman === 'string') return podman;
  const state = await mkdtemp(join(tmpdir(), 'terrarium-look-'));
  try {
    return await missingFor(createUserEngine(podman, 'look', state));
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

await describeEngineContract('podman (rootless)', {
  available,
  makeEngine: async (home) => createUserEngine(found(), home, home),
  baseSpec: { engine: 'podman', source: { type: 'image', reference: IMAGE } },
  async changeOutside({ ref }) {
    await userPodman('kill', ref);
  },
});
