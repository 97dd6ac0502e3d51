import { describeIsolation, gvisorGrants } from '../isolation/isolation-suite.ts';
import { OFFLINE, serveWith, settingsWithGvisor } from './test-gvisor.ts';
import { findTestPodman } from './test-podman.ts';
import { rootHarness } from './test-support.ts';

const found = await findTestPodman();
const podman =
  typeof found === 'string'
    ? found
    : await serveWith(found, settingsWithGvisor(found.env.CONTAINERS_CONF ?? '', 'usual', OFFLINE));

await describeIsolation('podman with gVisor', rootHarness(podman, 'kernel'), {
  profiles: ['standard', 'strict'],
  programs: [],
  exceptions: gvisorGrants,
});
