import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { capabilityCases } from './engine-contract/capabilities.ts';
import { changeCases } from './engine-contract/changes.ts';
import { consoleCases } from './engine-contract/console.ts';
import { describeUnless } from './engine-contract/describe-unless.ts';
import { enforcementCases } from './engine-contract/enforcement.ts';
import { execCases } from './engine-contract/exec.ts';
import { execFlowCases } from './engine-contract/exec-flow.ts';
import { execSignalCases } from './engine-contract/exec-signals.ts';
import { fileCases } from './engine-contract/files.ts';
import { createFixture, type EngineHarness, type Fixture } from './engine-contract/fixture.ts';
import { lifecycleCases } from './engine-contract/lifecycle.ts';
import { logsCases } from './engine-contract/logs.ts';
import { sampleCases } from './engine-contract/sample.ts';
import { snapshotCases } from './engine-contract/snapshots.ts';
import { stopCases } from './engine-contract/stop.ts';
import { watchCases } from './engine-contract/watch.ts';

export type { EngineHarness } from './engine-contract/fixture.ts';

/** One chapter of the suite, and the feature without which it does not apply. */
const chapters: readonly {
  readonly name: string;
  readonly needs?: 'exec' | 'console' | 'logs';
  readonly cases: (fixture: Fixture, engine: string) => void;
}[] = [
  { name: 'capabilities', cases: capabilityCases },
  { name: 'lifecycle', cases: lifecycleCases },
  { name: 'exec', needs: 'exec', cases: execCases },
  { name: 'exec, flow and cancel', needs: 'exec', cases: execFlowCases },
  { name: 'signals', needs: 'exec', cases: execSignalCases },
  { name: 'console', needs: 'console', cases: consoleCases },
  { name: 'sample', needs: 'exec', cases: sampleCases },
  { name: 'logs', needs: 'logs', cases: logsCases },
  { name: 'stop', needs: 'exec', cases: stopCases },
  { name: 'watch', cases: watchCases },
  { name: 'snapshots', needs: 'exec', cases: snapshotCases },
  { name: 'changes', needs: 'exec', cases: changeCases },
  { name: 'files', needs: 'exec', cases: fileCases },
  { name: 'enforcement', needs: 'exec', cases: enforcementCases },
];

/**
 * The suite that every engine must pass, against the real thing. Call it with `await` at the top of
 * a test file: whether the engine is there decides what is registered.
 *
 * An engine that is missing is skipped with the reason in the test's name; with
 * TERRARIUM_REQUIRE_ENGINES=all it fails instead.
 */
export async function describeEngineContract(name: string, harness: EngineHarness): Promise<void> {
  const reason = await harness.available();
  if (reason !== null) {
    describeUnless(reason, `${name} engine contract (skipped: ${reason})`, () => undefined);
    return;
  }

  const home = await mkdtemp(join(tmpdir(), 'terrarium-contract-'));
  const fixture = await createFixture(harness, home);
  describe(`${name} engine contract`, () => {
    afterAll(async () => {
      await fixture.dispose();
      await rm(home, { recursive: true, force: true });
    });
    for (const { name: chapter, needs, cases } of chapters) {
      if (needs && fixture.capabilities.features[needs].support === 'unsupported') continue;
      describe(chapter, () => cases(fixture, name));
    }
  });
}
