import type { Log } from '../../lib/log.ts';
import { type AbilitiesFinding, createAbilities } from '../bubblewrap/abilities.ts';
import { createFilters } from '../bubblewrap/filter.ts';
import { createBubblewrapLauncher } from '../bubblewrap/launcher.ts';
import { createChangeStore } from '../bubblewrap/layer/change-store.ts';
import type { Engine, EngineRef } from '../engine.ts';
import { createLocalEngine, type LocalEngine } from '../local/local-engine.ts';
import { createNpmStore } from '../local/npm.ts';
import { createPackageLock } from '../local/package-lock.ts';
import { createToolRunner, type RunTool } from '../local/tools.ts';
import { createInnerTools, isBoxed, isOffline, noNpmInside, venvMounts } from './boxed.ts';
import { createInterpreters } from './interpreters.ts';
import { createVenvLauncher } from './launcher.ts';
import { createPipStore } from './package-store.ts';
import { createPip } from './pip.ts';
import { offerOf, probe } from './probe.ts';

/**
 * Plain processes with a Python virtualenv of their own, and pip to put packages into it. Not isolated
 * from this machine: what is kept apart are the packages. See `createLocalEngine`. With the runtime
 * `namespace` it all runs in a sandbox of bubblewrap's, and is isolated as that is.
 */
export function createVirtualenvEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
  /** Shared with other engines that use bubblewrap, as finding out takes a while. */
  readonly abilities?: AbilitiesFinding;
}): Engine {
  const { platform = process.platform } = options;
  const runTool = createToolRunner(platform);
  const interpreters = createInterpreters();
  const pip = createPip({ runTool, interpreters, wheelsOnly: isBoxed, isOffline: () => false });
  const innerTool = createInnerTools((...request) => engine.exec(...request));
  const runWithin: RunTool = (sandbox, request) => (isBoxed(sandbox) ? innerTool : runTool)(sandbox, request);
  const pipWithin = createPip({ runTool: runWithin, interpreters, wheelsOnly: () => false, isOffline });
  const { abilities = createAbilities(options.home) } = options;
  const sandboxOf = (ref: EngineRef) => engine.sandboxOf(ref);
  const lock = createPackageLock(sandboxOf);
  const engine: LocalEngine = createLocalEngine({
    ...options,
    kind: 'virtualenv',
    probe: async () => probe(platform, interpreters, await abilities.refresh()),
    offer: async () => offerOf(platform, await abilities.retry()),
    launcher: createVenvLauncher({
      runTool,
      interpreters,
      pip,
      box: createBubblewrapLauncher({
        state: options.home,
        abilities: abilities.need,
        filters: createFilters(),
        mounts: (sandbox) => venvMounts(sandbox, interpreters),
      }),
    }),
  });
  return {
    ...engine,
    changes: createChangeStore(engine, async () => (await abilities.need()).tools, options.log),
    packages: [
      createPipStore({ pip, pipWithin, runTool, interpreters, lock, sandboxOf }),
      createNpmStore({ runTool, lock, sandboxOf, refusal: noNpmInside }),
    ],
    async start(ref) {
      // It begins with ending whatever runs in a sandbox that does not run.
      lock.requireIdle(ref);
      return engine.start(ref);
    },
  };
}
