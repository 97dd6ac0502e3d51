import { describeEngineContract } from '../engine-contract.ts';
import { contractRuntimes, wasmHarness } from './contract-harness.ts';

for (const [name, runtime] of Object.entries(contractRuntimes)) {
  await describeEngineContract(`wasm (${name})`, wasmHarness(runtime));
}
