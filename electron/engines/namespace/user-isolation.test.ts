import { describeIsolation } from '../isolation/isolation-suite.ts';
import { namespaceHarness } from './contract-harness.ts';
import { becomeOrdinaryUser, ordinaryUsers } from './ordinary-user.ts';

becomeOrdinaryUser(ordinaryUsers.isolation);

await describeIsolation('namespace for an ordinary user', namespaceHarness(), {
  profiles: ['trusted', 'standard', 'strict'],
  programs: ['perl', 'prlimit'],
});
