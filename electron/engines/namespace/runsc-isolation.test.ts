import { GVISOR } from '../gvisor/capabilities.ts';
import { describeIsolation, gvisorGrants } from '../isolation/isolation-suite.ts';
import { namespaceHarness } from './contract-harness.ts';

await describeIsolation('namespace with gVisor', namespaceHarness(GVISOR), {
  profiles: ['trusted', 'standard', 'strict'],
  programs: ['perl', 'prlimit'],
  ownKernel: true,
  exceptions: {
    ...gvisorGrants,
    'writes to /sys': 'it is gVisor’s own, made up, with nothing of this machine behind it',
    'becomes root of a user namespace': 'of gVisor’s own kernel',
    'gives itself more of the CPU': 'it is a number in gVisor’s own kernel',
    'types into its terminal': 'gVisor knows no such call: see gvisor.test.ts, on a terminal',
    'pastes into a virtual console': 'gVisor knows no such call, and has no such console',
  },
});
