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

const yes: Capability = { support: 'enforced' };
const no = (note: string): Capability => ({ support: 'unsupported', note });

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
    if (can.seccomp) return note === undefined ? yes : { support: 'enforced', note };
    return { support: 'best-effort', note: noSeccomp };
  };
  const cgroup = (able: boolean) => (able ? yes : no('the daemon has no cgroup controller for it'));
  return {
    isolation: 'container',
    limits: {
      cpuCores: can.cores === undefined ? cgroup(can.cpu) : { ...cgroup(can.cpu), most: can.cores },
      memoryBytes: can.memory && !can.swap ? memoryWithoutSwap : cgroup(can.memory),
      processes: can.pids ? { support: 'enforced', note: 'the container’s init is not counted' } : cgroup(false),
      openFiles: { support: 'enforced', note: 'per process' },
      fileSizeBytes: yes,
      ...hostLimits,
      diskBytes: can.local ? hostLimits.diskBytes : no('the workspace is on the daemon’s machine'),
      cpuTimeMs: countedCpuTime,
      fuel: no('containers do not count instructions'),
    },
    network: {
      none: yes,
      loopback: { support: 'enforced', note: 'the container’s own loopback' },
      allowlist: no('a bridge cannot filter by name'),
      full: yes,
    },
    profiles: {
      trusted: { support: 'enforced', note: 'the image’s own user, usual capabilities, writable root' },
      standard: confined(),
      strict: confined('no network, read-only mounts, nothing runs from /tmp'),
    },
    features: {
      exec: yes,
      console: yes,
      pause: can.freezer ? yes : no('the daemon has no freezer'),
      logs: yes,
      ports: yes,
      mounts: can.local ? yes : no('the daemon runs on another machine'),
      images: yes,
      updateLimits: { support: 'enforced', note: 'CPU, memory and processes' },
      command: yes,
      userns: no('the daemon decides it for all its containers'),
      filesystem: no('a container sees its image and its mounts only'),
      overlay: no('a container’s own writes are kept apart already, its workspace’s are not'),
      python: no('make a virtualenv sandbox, or take an image with Python'),
      packages: no('packages come with the image'),
      snapshots: no('runc’s checkpoints do not work on recent kernels'),
    },
    sources: ['image'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

const noSeccomp = 'this daemon does not filter system calls (no seccomp)';

const memoryWithoutSwap: Capability = {
  support: 'best-effort',
  note: 'this kernel does not count swap, so a sandbox can also use swap space',
};
