import type { EngineReport } from '../../../shared/model/engine.ts';
import type { Abilities } from '../bubblewrap/abilities.ts';
import { bubblewrapCapabilities } from '../bubblewrap/capabilities.ts';
import type { MissingTool } from '../bubblewrap/tools.ts';
import { gvisorCapabilities, gvisorRuntime } from '../gvisor/capabilities.ts';
import type { Gvisor, NoGvisor } from '../gvisor/find-gvisor.ts';

/** What sandboxes can be made with here, found out by making one with each. */
export interface Found {
  readonly bubblewrap: Abilities | MissingTool;
  readonly gvisor: Gvisor | NoGvisor;
}

export const HOW_TO_GET_GVISOR =
  'Install gVisor, e.g. apt install runsc, or see https://gvisor.dev/docs/user_guide/install';

/** Where bubblewrap does not work, all sandboxes are gVisor's. */
export const gvisorIsUsual = ({ bubblewrap, gvisor }: Found): boolean =>
  'reason' in bubblewrap && !('reason' in gvisor);

export const canNeither = ({ bubblewrap, gvisor }: Found): boolean => 'reason' in bubblewrap && 'reason' in gvisor;

export function reportOf({ bubblewrap, gvisor }: Found): EngineReport {
  const base = { kind: 'namespace', runtimes: [] } as const;
  const available = { ...base, status: 'available', reason: null, hint: null } as const;
  const offered = 'reason' in gvisor ? [] : [gvisorRuntime(gvisor)];
  const facts = factsOf(gvisor);
  if (!('reason' in bubblewrap)) {
    const { version, tools, cgroups, withoutCgroups } = bubblewrap;
    return {
      ...available,
      version,
      capabilities: bubblewrapCapabilities(bubblewrap),
      runtimes: offered,
      facts: {
        bubblewrap: tools.bwrap,
        cgroups: cgroups ? `v${cgroups.version}: ${[...cgroups.controllers].join(', ')}` : (withoutCgroups ?? 'none'),
        ...facts,
      },
    };
  }
  const { reason, hint } = bubblewrap;
  if ('reason' in gvisor) {
    return {
      ...base,
      status: 'missing',
      version: null,
      capabilities: bubblewrapCapabilities(null),
      facts,
      reason,
      hint,
    };
  }
  return {
    ...available,
    version: gvisor.version,
    capabilities: gvisorCapabilities(gvisor),
    runtimes: offered,
    facts: { ...facts, bubblewrap: `${reason} So all sandboxes are gVisor’s. ${hint}` },
  };
}

function factsOf(gvisor: Gvisor | NoGvisor): Readonly<Record<string, string>> {
  if (!('reason' in gvisor)) {
    const { program, version, platform } = gvisor;
    return { gVisor: `${program} ${version ?? '(it does not tell its version)'}, platform ${platform}` };
  }
  return gvisor.installed ? { 'runtime runsc': `not offered: ${gvisor.reason}` } : {};
}
