import { AppError } from '../../../shared/model/error.ts';
import { createFinding } from '../../lib/finding.ts';
import type { Log } from '../../lib/log.ts';
import { type AbilitiesFinding, createAbilities } from '../bubblewrap/abilities.ts';
import { createFilters } from '../bubblewrap/filter.ts';
import { createBubblewrapLauncher } from '../bubblewrap/launcher.ts';
import { createChangeStore } from '../bubblewrap/layer/change-store.ts';
import type { Engine } from '../engine.ts';
import { GVISOR } from '../gvisor/capabilities.ts';
import { findGvisor, type Gvisor, type NoGvisor } from '../gvisor/find-gvisor.ts';
import { createGvisorLauncher } from '../gvisor/launcher.ts';
import { createLocalEngine } from '../local/local-engine.ts';
import { probeMachine } from '../local/probe.ts';
import { canNeither, type Found, gvisorIsUsual, HOW_TO_GET_GVISOR, reportOf } from './probe.ts';
import { createRuntimeLauncher } from './runtimes.ts';

/**
 * Sandboxes of Linux namespaces, made by bubblewrap: this machine's own programs, read-only, with
 * nothing else of it to be seen; see `electron/engines/bubblewrap`. Needs no daemon and no image. With the
 * runtime `runsc` the same on gVisor's kernel, see `electron/engines/gvisor`.
 */
export function createNamespaceEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly log?: Log;
  /** Shared with other engines that use bubblewrap, as finding out takes a while. */
  readonly abilities?: AbilitiesFinding;
}): Engine {
  const { abilities = createAbilities(options.home) } = options;
  const gvisor = createFinding<Gvisor, NoGvisor>(async () => {
    const { missing } = await probeMachine(process.platform);
    return missing ? { installed: false, reason: missing.reason } : findGvisor();
  });
  const both = async (how: 'find' | 'refresh' | 'retry'): Promise<Found> => {
    const [bubblewrap, usable] = await Promise.all([abilities[how](), gvisor[how]()]);
    return { bubblewrap, gvisor: usable };
  };
  const needGvisor = async (): Promise<Gvisor> => {
    const found = await gvisor.retry();
    if (!('reason' in found)) return found;
    throw new AppError('engine_unavailable', `${found.reason}.`, { hint: HOW_TO_GET_GVISOR });
  };

  const engine = createLocalEngine({
    ...options,
    kind: 'namespace',
    probe: async () => reportOf(await both('refresh')),
    async offer() {
      const found = await both('find');
      // What neither can make is tried again, as whoever asked may have mended it.
      const { status, reason, hint, capabilities, runtimes } = reportOf(
        canNeither(found) ? await both('retry') : found,
      );
      if (status !== 'available') throw new AppError('engine_unavailable', reason ?? '', { hint: hint ?? '' });
      return { capabilities, runtimes };
    },
    launcher: createRuntimeLauncher({
      bubblewrap: createBubblewrapLauncher({
        state: options.home,
        abilities: abilities.need,
        filters: createFilters(),
      }),
      gvisor: createGvisorLauncher({ state: options.home, gvisor: needGvisor }),
      choosesGvisor: async ({ manifest: { spec } }) => spec.runtime === GVISOR || gvisorIsUsual(await both('find')),
    }),
  });
  return { ...engine, changes: createChangeStore(engine, async () => (await abilities.need()).tools, options.log) };
}
