import { describeIsolation } from '../isolation/isolation-suite.ts';
import { dockerHarness } from './test-support.ts';

// The test image has no Perl, so attempts that need it are left to the engines that show this machine's system.
const options = { profiles: ['standard', 'strict'], programs: [] } as const;

await describeIsolation('docker', dockerHarness(), options);
await describeIsolation('docker with gVisor', dockerHarness('runsc'), {
  ...options,
  exceptions: {
    'reads the kernel’s log': 'it is a made-up one, of gVisor’s own kernel',
    'runs without a filter': 'the filter is around gVisor’s kernel, and is not seen from inside',
    'escapes when memory runs out': 'it is a number in gVisor’s own kernel; this machine’s knows nothing of it',
  },
});
