import type { EngineReport } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import { type Abilities, findAbilities } from '../bubblewrap/abilities.ts';
import { bubblewrapCapabilities } from '../bubblewrap/capabilities.ts';
import { createFilters } from '../bubblewrap/filter.ts';
import { createBubblewrapLauncher } from '../bubblewrap/launcher.ts';
import type { MissingTool } from '../bubblewrap/tools.ts';
import type { Engine } from '../engine.ts';
import { createLocalEngine } from '../local/local-engine.ts';
import { probeMachine } from '../local/probe.ts';

/**
 * Sandboxes of Linux namespaces, made by bubblewrap: this machine's own programs, read-only, with
 * nothing else of it to be seen; see `electron/engines/bubblewrap`. Needs no daemon and no image.
 */
export function createNamespaceEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly log?: Log;
}): Engine {
  let finding: Promise<Abilities | MissingTool> | undefined;
  const find = async (): Promise<Abilities | MissingTool> => {
    const { missing } = await probeMachine(process.platform);
    return missing ?? findAbilities();
  };
  /** Found out once; `probe` finds out again. */
  const abilities = async (): Promise<Abilities> => {
    finding ??= find();
    const found = await finding;
    if (!('reason' in found)) return found;
    finding = undefined;
    throw new AppError('engine_unavailable', found.reason, { hint: found.hint });
  };

  const probe = async (): Promise<EngineReport> => {
    finding = find();
    const found = await finding;
    const base = { kind: 'namespace', runtimes: [] } as const;
    if ('reason' in found) {
      const capabilities = bubblewrapCapabilities(null);
      return { ...base, status: 'missing', version: null, capabilities, facts: {}, ...found };
    }
    const { version, tools, cgroups, withoutCgroups } = found;
    return {
      ...base,
      status: 'available',
      version,
      reason: null,
      hint: null,
      capabilities: bubblewrapCapabilities(found),
      facts: {
        bubblewrap: tools.bwrap,
        cgroups: cgroups ? `v${cgroups.version}: ${[...cgroups.controllers].join(', ')}` : (withoutCgroups ?? 'none'),
      },
    };
  };

  return createLocalEngine({
    ...options,
    kind: 'namespace',
    probe,
    offer: async () => ({ capabilities: bubblewrapCapabilities(await abilities()), runtimes: [] }),
    launcher: createBubblewrapLauncher({ state: options.home, abilities, filters: createFilters() }),
  });
}
