import type { Engine } from '../engine.ts';
import { createTestEngineWith, type TestEngine } from '../engine-contract/test-engine.ts';
import { plainCapabilities } from './capabilities.ts';
import type { Launcher } from './launcher.ts';
import { createLocalEngine } from './local-engine.ts';
import { probeMachine } from './probe.ts';

export type { TestEngine } from '../engine-contract/test-engine.ts';

/** For the tests of this folder. */
export const createTestEngine = (home?: string, launcher: Launcher = {}): Promise<TestEngine> =>
  createTestEngineWith({
    home,
    makeEngine: (folder) => plainEngine(folder, launcher),
    defaults: { engine: 'process', network: { mode: 'full' }, profile: 'trusted' },
  });

function plainEngine(home: string, launcher: Launcher): Engine {
  const capabilities = plainCapabilities(process.platform);
  return createLocalEngine({
    kind: 'process',
    owner: 'test',
    home,
    launcher,
    offer: () => ({ capabilities, runtimes: [] }),
    async probe() {
      const { missing } = await probeMachine(process.platform);
      const status = missing ? 'missing' : 'available';
      const why = missing ?? { reason: null, hint: null };
      return { kind: 'process', status, version: null, capabilities, runtimes: [], facts: {}, ...why };
    },
  });
}
