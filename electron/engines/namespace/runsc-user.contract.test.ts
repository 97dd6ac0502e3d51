import { expect, it } from 'vitest';
import { describeEngineContract } from '../engine-contract.ts';
import { GVISOR } from '../gvisor/capabilities.ts';
import { becomeOrdinaryUser, ordinaryUsers } from '../local/ordinary-user.ts';
import { namespaceHarness } from './contract-harness.ts';

becomeOrdinaryUser(ordinaryUsers.gvisor);

it('is an ordinary user’s', () => expect(process.getuid?.()).not.toBe(0));
await describeEngineContract('namespace with gVisor for an ordinary user', namespaceHarness(GVISOR));
