import { describeIsolation } from '../isolation/isolation-suite.ts';
import { namespaceHarness } from './contract-harness.ts';

await describeIsolation('namespace', namespaceHarness(), {
  profiles: ['trusted', 'standard', 'strict'],
  programs: ['perl', 'prlimit'],
});
