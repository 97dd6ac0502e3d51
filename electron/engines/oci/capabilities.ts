import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability } from '../../../shared/model/engine.ts';
import { countedCpuTime, hostLimits } from '../host-limits.ts';

/** What a daemon says of its machine (`docker info`). */
export interface DaemonAbilities {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly cpu: boolean;
  /** Undefined where the daemon does not tell. */
  readonly cores?: number | undefined;
  readonly pids: boolean;
  readonly freezer: boolean;
  readonly local: boolean;
  /** System calls are filtered unless a container asks for something else. */
  readonly seccomp: boolean;
}

/** Capabilities before anything is known: what a usual daemon can do. */
export const usualAbilities: DaemonAbilities = {
  memory: true,
  swap: true,
  cpu: true,
  pids: true,
  freezer: true,
  local: true,
  seccomp: true,
};

export function capabilitiesOf(can: DaemonAbilities): Capabilities {
  const confined = (note?: string): Capability => {
    if (can.seccomp) return enforced(note);
    return bestEffort(noSeccomp);
  };
  const cgroup = (able: boolean) => (able ? enforced() : unsupported('the daemon has no cgroup controller for it'));
  return {
    isolation: 'container',
    limits: {
      cpuCores: can.cores === undefined ? cgroup(can.cpu) : { ...cgroup(can.cpu), most: can.cores },
      memoryBytes: can.memory && !can.swap ? memoryWithoutSwap : cgroup(can.memory),
      processes: can.pids ? enforced('the container’s init is not counted') : cgroup(false),
      openFiles: enforced('per process'),
      fileSizeBytes: enforced(),
      ...hostLimits,
      diskBytes: can.local ? hostLimits.diskBytes : unsupported('the workspace is on the daemon’s machine'),
      cpuTimeMs: countedCpuTime,
      fuel: unsupported('containers do not count instructions'),
    },
    network: {
      none: enforced(),
      loopback: enforced('the container’s own loopback'),
      allowlist: unsupported('a bridge cannot filter by name'),
      full: enforced(),
    },
    profiles: {
      trusted: enforced('the image’s own user, usual capabilities, writable root'),
      standard: confined(),
      strict: confined('no network, read-only mounts, nothing runs from /tmp'),
    },
    features: {
      exec: enforced(),
      execSignals: enforced(
        'to the command’s process group; where this machine does not see its processes, the image needs sh',
      ),
      console: enforced(),
      pause: can.freezer ? enforced() : unsupported('the daemon has no freezer'),
      logs: enforced(),
      logTimes: enforced(),
      ports: enforced(),
      mounts: can.local ? enforced() : unsupported('the daemon runs on another machine'),
      images: enforced(),
      updateLimits: enforced('CPU, memory and processes'),
      command: enforced(),
      userns: unsupported('the daemon decides it for all its containers'),
      filesystem: unsupported('a container sees its image and its mounts only'),
      overlay: unsupported('a container’s own writes are kept apart already, its workspace’s are not'),
      python: unsupported('make a virtualenv sandbox, or take an image with Python'),
      packages: unsupported('packages come with the image'),
      snapshots: unsupported('runc’s checkpoints do not work on recent kernels'),
      files: enforced(
        'not what is in memory, like /tmp; outside of the mounts some needs it to run, and programs of the image',
      ),
    },
    sources: ['image'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

const noSeccomp = 'this daemon does not filter system calls (no seccomp)';

const memoryWithoutSwap: Capability = bestEffort(
  'this kernel does not count swap, so a sandbox can also use swap space',
);
