import type { Log } from '../../lib/log.ts';
import type { Engine } from '../engine.ts';
import { createLocalEngine, type LocalEngine } from '../local/local-engine.ts';
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
  const { store, requireIdle } = createPipStore({
    pip,
    runTool,
    interpreters,
    sandboxOf: (ref) => engine.sandboxOf(ref),
  });
  const engine: LocalEngine = createLocalEngine({
    ...options,
    kind: 'virtualenv',
    probe: () => probe(platform, interpreters),
    offer: () => ({ capabilities: capabilities(platform), runtimes: [] }),
    launcher: createVenvLauncher({ runTool, interpreters, pip }),
  });
  return {
    ...engine,
    packages: [store],
    async start(ref) {
      // It begins with ending whatever runs in a sandbox that does not run.
      requireIdle(ref);
      return engine.start(ref);
    },
  };
}
