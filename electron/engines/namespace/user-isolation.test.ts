import { describeIsolation } from '../isolation/isolation-suite.ts';
import { becomeOrdinaryUser, ordinaryUsers } from '../local/ordinary-user.ts';
import { namespaceHarness } from './contract-harness.ts';

becomeOrdinaryUser(ordinaryUsers.isolation);

await describeIsolation('namespace for an ordinary user', namespaceHarness(), {
  profiles: ['trusted', 'standard', 'strict'],
  programs: ['perl', 'prlimit'],
});
