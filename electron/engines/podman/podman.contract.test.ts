import { describeEngineContract } from '../engine-contract.ts';
import { findTestPodman } from './test-podman.ts';
import { rootHarness } from './test-support.ts';

await describeEngineContract('podman (rootful)', rootHarness(await findTestPodman()));
