import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { Abilities } from '../bubblewrap/abilities.ts';
import { createFilters } from '../bubblewrap/filter.ts';
import { createBubblewrapLauncher } from '../bubblewrap/launcher.ts';
import { createChangeStore } from '../bubblewrap/layer/change-store.ts';
import type { MissingTool } from '../bubblewrap/tools.ts';
import type { Engine } from '../engine.ts';
import { GVISOR } from '../gvisor/capabilities.ts';
import type { Gvisor } from '../gvisor/find-gvisor.ts';
import { createGvisorLauncher } from '../gvisor/launcher.ts';
import { createLocalEngine } from '../local/local-engine.ts';
import { find, gvisorIsUsual, HOW_TO_GET_GVISOR, reportOf } from './probe.ts';
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
}): Engine {
  let finding: ReturnType<typeof find> | undefined;
  const found = () => {
    finding ??= find(options.home);
    return finding;
  };
  /** What was found out once; `probe` finds out again. */
  const abilities = async (): Promise<Abilities> => {
    const { bubblewrap } = await found();
    if ('reason' in bubblewrap) throw unavailable(bubblewrap);
    return bubblewrap;
  };
  const gvisor = async (): Promise<Gvisor> => {
    const { gvisor: usable } = await found();
    if ('reason' in usable) throw unavailable({ reason: `${usable.reason}.`, hint: HOW_TO_GET_GVISOR });
    return usable;
  };
  const unavailable = ({ reason, hint }: MissingTool) => {
    finding = undefined;
    return new AppError('engine_unavailable', reason, { hint });
  };

  const engine = createLocalEngine({
    ...options,
    kind: 'namespace',
    async probe() {
      finding = find(options.home);
      return reportOf(await finding);
    },
    async offer() {
      const all = await found();
      const { status, reason, hint, capabilities, runtimes } = reportOf(all);
      if (status !== 'available') throw unavailable({ reason: reason ?? '', hint: hint ?? '' });
      return { capabilities, runtimes };
    },
    launcher: createRuntimeLauncher({
      bubblewrap: createBubblewrapLauncher({ state: options.home, abilities, filters: createFilters() }),
      gvisor: createGvisorLauncher({ state: options.home, gvisor }),
      choosesGvisor: async ({ manifest: { spec } }) => spec.runtime === GVISOR || gvisorIsUsual(await found()),
    }),
  });
  return { ...engine, changes: createChangeStore(engine, async () => (await abilities()).tools) };
}
