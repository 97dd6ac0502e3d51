import { describeEngineContract } from '../engine-contract.ts';
import { dockerHarness } from './test-support.ts';

await describeEngineContract('docker', dockerHarness());
