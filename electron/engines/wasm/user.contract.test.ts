import { expect, it } from 'vitest';
import { describeEngineContract } from '../engine-contract.ts';
import { becomeOrdinaryUser, ordinaryUsers } from '../local/ordinary-user.ts';
import { contractRuntimes, wasmHarness } from './contract-harness.ts';

becomeOrdinaryUser(ordinaryUsers.wasm);

it('is an ordinary user’s', () => expect(process.getuid?.()).not.toBe(0));
for (const name of ['quickjs', 'wasi'] as const) {
  await describeEngineContract(`wasm (${name}) for an ordinary user`, wasmHarness(contractRuntimes[name]));
}
