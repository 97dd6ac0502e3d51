import { enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability } from '../../../shared/model/engine.ts';
import { addedUpCpuTime } from '../host-limits.ts';
import { capabilitiesOf, type DaemonAbilities, usualAbilities } from '../oci/capabilities.ts';

export interface PodmanAbilities extends DaemonAbilities {
  readonly rootless: boolean;
  readonly cgroupVersion: 1 | 2;
  /** `NetworkMode` that gives each sandbox a network of its own; null: nothing for it is installed. */
  readonly fullNetwork: string | null;
  /** User ids are set aside for containers (`/etc/subuid`), so that a mapping can be chosen. */
  readonly subordinateIds: boolean;
  readonly canUpdate: boolean;
}

export const usualPodman: PodmanAbilities = {
  ...usualAbilities,
  rootless: true,
  cgroupVersion: 2,
  fullNetwork: 'private',
  subordinateIds: true,
  canUpdate: true,
};

export function podmanCapabilities(can: PodmanAbilities): Capabilities {
  const base = capabilitiesOf(can);
  const powerless = can.rootless && can.cgroupVersion === 1;
  const why = powerless
    ? 'rootless Podman has no cgroups on cgroup v1; cgroup v2 or rootful Podman can'
    : 'no cgroup controller for it was handed to this user';
  const explained = (capability: Capability, able: boolean) => (able ? capability : unsupported(why));
  const unbounded = 'without a bound on memory and processes, as rootless Podman has none on cgroup v1';
  const bounded = (capability: Capability): Capability =>
    powerless ? { ...capability, note: [capability.note, unbounded].filter(Boolean).join('; ') } : capability;
  return {
    ...base,
    limits: {
      ...base.limits,
      cpuCores: explained(base.limits.cpuCores, can.cpu),
      memoryBytes: explained(base.limits.memoryBytes, can.memory),
      processes: explained(base.limits.processes, can.pids),
      cpuTimeMs: powerless ? addedUpCpuTime : base.limits.cpuTimeMs,
    },
    network: {
      ...base.network,
      allowlist: unsupported('Podman’s networks cannot filter by name'),
      full:
        can.fullNetwork === null
          ? unsupported('neither slirp4netns nor pasta is installed')
          : enforced('a network of its own; the machine’s loopback stays out of reach'),
    },
    profiles: { ...base.profiles, standard: bounded(base.profiles.standard), strict: bounded(base.profiles.strict) },
    features: {
      ...base.features,
      pause: explained(base.features.pause, can.freezer),
      updateLimits: can.canUpdate
        ? explained(base.features.updateLimits, !powerless)
        : unsupported('this version of Podman cannot; 4.3 and later can'),
      userns: usernsOf(can),
      snapshots: unsupported('Podman’s checkpoints are not offered here'),
    },
  };
}

function usernsOf({ rootless, subordinateIds }: PodmanAbilities): Capability {
  if (rootless) return subordinateIds ? enforced() : unsupported('this user has no ids in /etc/subuid');
  if (subordinateIds) return enforced('auto; keep-id and nomap are for rootless Podman');
  return unsupported('root’s Podman needs ids for the user “containers” in /etc/subuid and /etc/subgid');
}
