import { expect, it } from 'vitest';
import { describeEngineContract } from '../engine-contract.ts';
import { becomeOrdinaryUser, delegateCgroups, ordinaryUsers } from '../local/ordinary-user.ts';
import { namespaceHarness } from './contract-harness.ts';
import { createNamespaceEngine } from './namespace-engine.ts';

// Only root can hand cgroups on, and on v2 it is systemd that does: then there is nothing here that the other files do not test.
const isDelegated = delegateCgroups(ordinaryUsers.delegated);
becomeOrdinaryUser(ordinaryUsers.delegated);

it('holds every limit that root’s sandboxes hold, where root has handed cgroups on', async () => {
  const { status, capabilities } = await createNamespaceEngine({ owner: 'contract', home: '/nonexistent' }).probe();
  if (!isDelegated || status !== 'available') return;
  const { memoryBytes, processes, cpuCores } = capabilities.limits;
  expect([memoryBytes, processes, cpuCores].map(({ support }) => support)).toEqual([
    'enforced',
    'enforced',
    'enforced',
  ]);
  expect(capabilities.features.pause.support).toBe('enforced');
});
if (isDelegated) await describeEngineContract('namespace for a user with cgroups', namespaceHarness());
