import type { Log } from '../../lib/log.ts';
import type { Engine, EngineRef } from '../engine.ts';
import { createLocalEngine, type LocalEngine } from '../local/local-engine.ts';
import { createNpmStore } from '../local/npm.ts';
import { createPackageLock } from '../local/package-lock.ts';
import { createToolRunner } from '../local/tools.ts';
import { createInterpreters } from './interpreters.ts';
import { createVenvLauncher } from './launcher.ts';
import { createPipStore } from './package-store.ts';
import { createPip } from './pip.ts';
import { capabilities, probe } from './probe.ts';

/**
 * Plain processes with a Python virtualenv of their own, and pip to put packages into it. Not isolated
 * from this machine: what is kept apart are the packages. See `createLocalEngine`.
 */
export function createVirtualenvEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
}): Engine {
  const { platform = process.platform } = options;
  const runTool = createToolRunner(platform);
  const interpreters = createInterpreters();
  const pip = createPip({ runTool, interpreters });
  const sandboxOf = (ref: EngineRef) => engine.sandboxOf(ref);
  const lock = createPackageLock(sandboxOf);
  const engine: LocalEngine = createLocalEngine({
    ...options,
    kind: 'virtualenv',
    probe: () => probe(platform, interpreters),
    offer: () => ({ capabilities: capabilities(platform), runtimes: [] }),
    launcher: createVenvLauncher({ runTool, interpreters, pip }),
  });
  return {
    ...engine,
    packages: [
      createPipStore({ pip, runTool, interpreters, lock, sandboxOf }),
      createNpmStore({ runTool, lock, sandboxOf }),
    ],
    async start(ref) {
      // It begins with ending whatever runs in a sandbox that does not run.
      lock.requireIdle(ref);
      return engine.start(ref);
    },
  };
}
