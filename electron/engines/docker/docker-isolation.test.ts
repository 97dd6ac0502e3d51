import { describeIsolation, gvisorGrants } from '../isolation/isolation-suite.ts';
import { dockerHarness } from './test-support.ts';

// The test image has no Perl, so attempts that need it are left to the engines that show this machine's system.
const options = { profiles: ['standard', 'strict'], programs: [] } as const;

await describeIsolation('docker', dockerHarness(), options);
await describeIsolation('docker with gVisor', dockerHarness('runsc'), {
  ...options,
  exceptions: gvisorGrants,
});
