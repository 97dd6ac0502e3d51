import type { Log } from '../../lib/log.ts';
import type { Engine } from '../engine.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { createLocalEngine } from '../local/local-engine.ts';
import { createNpmStore } from '../local/npm.ts';
import { createPackageLock } from '../local/package-lock.ts';
import { createToolRunner } from '../local/tools.ts';
import { probe } from './probe.ts';

/**
 * Sandboxes that are plain processes of this machine: a workspace folder, programs in sessions of
 * their own, an environment built from a whitelist, and resource limits. Not isolated from the
 * machine, and says so. See `createLocalEngine`.
 */
export function createProcessEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
}): Engine {
  const { platform = process.platform } = options;
  const engine = createLocalEngine({
    ...options,
    kind: 'process',
    probe: () => probe(platform),
    offer: () => ({ capabilities: plainCapabilities(platform), runtimes: [] }),
  });
  const { sandboxOf } = engine;
  const lock = createPackageLock(sandboxOf);
  return {
    ...engine,
    packages: [createNpmStore({ runTool: createToolRunner(platform), lock, sandboxOf })],
    async start(ref) {
      // It begins with ending whatever runs in a sandbox that does not run.
      lock.requireIdle(ref);
      return engine.start(ref);
    },
  };
}
