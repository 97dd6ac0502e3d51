import { describeIsolation } from '../isolation/isolation-suite.ts';
import { becomeUser, findTestPodman } from './test-podman.ts';
import { podmansOwnFilter, userHarness } from './test-support.ts';

const podman = await findTestPodman();
if (typeof podman !== 'string') becomeUser(podman);

await describeIsolation('podman (rootless)', userHarness(podman), {
  profiles: ['standard', 'strict'],
  programs: [],
  exceptions: podmansOwnFilter,
});
