import { join } from 'node:path';
import { describeEngineContract } from '../engine-contract.ts';
import { OFFLINE, settingsWithGvisor } from './test-gvisor.ts';
import { becomeUser, findTestPodman } from './test-podman.ts';
import { userHarness } from './test-support.ts';

const podman = await findTestPodman();
if (typeof podman !== 'string') {
  becomeUser(podman);
  const own = join(podman.user.home, '.config/containers/containers.conf');
  // There are no cgroups for it to set: it would give up.
  process.env.CONTAINERS_CONF = settingsWithGvisor(own, 'usual', [...OFFLINE, '--ignore-cgroups']);
}

await describeEngineContract('podman (rootless) with gVisor', userHarness(podman, 'kernel'));
