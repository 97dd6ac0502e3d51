import { describeEngineContract } from '../engine-contract.ts';
import { becomeUser, findTestPodman } from './test-podman.ts';
import { userHarness } from './test-support.ts';

// The engine, this test and the service that the engine starts all run as an ordinary user.
const podman = await findTestPodman();
if (typeof podman !== 'string') becomeUser(podman);

await describeEngineContract('podman (rootless)', userHarness(podman));
