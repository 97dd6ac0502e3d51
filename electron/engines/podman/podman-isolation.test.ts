import { describeIsolation } from '../isolation/isolation-suite.ts';
import { findTestPodman } from './test-podman.ts';
import { podmansOwnFilter, rootHarness } from './test-support.ts';

// The test image has no Perl, so attempts that need it are left to the engines that show this machine's system.
await describeIsolation('podman (rootful)', rootHarness(await findTestPodman()), {
  profiles: ['standard', 'strict'],
  programs: [],
  exceptions: podmansOwnFilter,
});
