import { describeEngineContract } from '../engine-contract.ts';
import { namespaceHarness } from './contract-harness.ts';

await describeEngineContract('namespace', namespaceHarness());
