import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability, Runtime } from '../../../shared/model/engine.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import { addedUpCpuTime, countedCpuTime } from '../host-limits.ts';
import { limitCapabilities } from '../local/limits.ts';
import type { Gvisor } from './find-gvisor.ts';

/** What a spec's `runtime` says. */
export const GVISOR = 'runsc';

const NO_LISTS = 'This release of gVisor is older than this system’s ls and stat, which fail in it: a newer one helps.';

export const gvisorRuntime = (gvisor: Gvisor): Runtime => ({
  name: GVISOR,
  title: 'gVisor',
  tradeOff: [
    'A kernel of its own between the programs and this machine’s: much harder to escape; slower at system calls and files, and no network. Programs are user 0 of that kernel, without a right of root’s.',
    ...(gvisor.lists ? [] : [NO_LISTS]),
  ].join(' '),
  capabilities: gvisorCapabilities(gvisor),
});

export function gvisorCapabilities(gvisor: Gvisor): Capabilities {
  const ownLoopback = enforced('only its own loopback');
  const noNetwork = unsupported('it is run without a network (--network=none)');
  const sentry = enforced('system calls end in gVisor’s own kernel');
  return {
    isolation: 'kernel',
    limits: limits(gvisor),
    network: { none: ownLoopback, loopback: ownLoopback, allowlist: noNetwork, full: noNetwork },
    profiles: {
      trusted: sentry,
      standard: sentry,
      strict: enforced('system calls end in gVisor’s own kernel; nothing but the workspace can be written'),
    },
    features: {
      exec: gvisor.lists ? enforced() : enforced(NO_LISTS),
      execSignals: enforced('to the command’s process group'),
      console: enforced('the terminal has no name inside: the command tty finds none'),
      command: enforced(),
      logs: enforced('the two streams’ order among each other is not kept'),
      logTimes: unsupported('a log here is a plain file, without times'),
      pause: enforced('by gVisor’s own kernel'),
      ports: noNetwork,
      mounts: enforced(),
      images: unsupported('it shows this machine’s own system, read-only'),
      updateLimits: gvisor.cgroups ? enforced('CPU and memory') : unsupported('without cgroups nothing holds them'),
      userns: unsupported('there is one user inside, who owns what is yours'),
      filesystem: enforced(),
      overlay: unsupported('writes go to the workspace itself'),
      python: unsupported('make a virtualenv sandbox for it'),
      packages: unsupported('it shows this machine’s own programs'),
      snapshots: unsupported('only through Docker so far'),
      files: enforced('its workspace, and what else it is shown of this machine'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

function limits({ cgroups, withoutCgroups }: Gvisor): Record<LimitName, Capability> {
  const isRoot = process.getuid?.() === 0;
  const by = (controller: string, capability: Capability): Capability => {
    // The suite shows it for root's cgroups only.
    if (!cgroups) return unsupported(withoutCgroups ?? 'there are no cgroups');
    if (!cgroups.controllers.has(controller)) return unsupported(`there is no cgroup controller ${controller}`);
    return isRoot ? capability : bestEffort('by cgroups that root has handed on');
  };
  const countsCpuTime = isRoot && (cgroups?.version === 2 || cgroups?.controllers.has('cpuacct') === true);
  return {
    ...limitCapabilities(true),
    cpuCores: by('cpu', enforced()),
    memoryBytes: by(
      'memory',
      enforced(
        'of the whole sandbox, which ends at it; gVisor itself takes about 25 MB of it, and releases of 2022 some more with each program that was started',
      ),
    ),
    processes: unsupported('the system counts gVisor’s own threads, several for each process'),
    openFiles: enforced('for each process'),
    fileSizeBytes: enforced('for each process'),
    cpuTimeMs: countsCpuTime ? countedCpuTime : addedUpCpuTime,
    fuel: unsupported('instructions are not counted'),
  };
}
