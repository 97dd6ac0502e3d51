import { describeEngineContract } from '../engine-contract.ts';
import { GVISOR } from '../gvisor/capabilities.ts';
import { namespaceHarness } from './contract-harness.ts';

await describeEngineContract('namespace with gVisor', namespaceHarness(GVISOR));
