import type { Capabilities, Capability, Runtime } from '../../../shared/model/engine.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import { addedUpCpuTime, countedCpuTime } from '../host-limits.ts';
import { limitCapabilities } from '../local/limits.ts';
import type { Gvisor } from './find-gvisor.ts';

/** What a spec's `runtime` says. */
export const GVISOR = 'runsc';

const yes: Capability = { support: 'enforced' };
const held = (note: string): Capability => ({ support: 'enforced', note });
const tried = (note: string): Capability => ({ support: 'best-effort', note });
const no = (note: string): Capability => ({ support: 'unsupported', note });

const NO_LISTS = 'This release of gVisor is older than this system’s ls and stat, which fail in it: a newer one helps.';

export const gvisorRuntime = (gvisor: Gvisor): Runtime => ({
  name: GVISOR,
  title: 'gVisor',
  tradeOff: [
    'A kernel of its own between the programs and this machine’s: much harder to escape; slower at system calls and files, and no network.',
    ...(gvisor.lists ? [] : [NO_LISTS]),
  ].join(' '),
  capabilities: gvisorCapabilities(gvisor),
});

export function gvisorCapabilities(gvisor: Gvisor): Capabilities {
  const ownLoopback = held('only its own loopback');
  const noNetwork = no('it is run without a network (--network=none)');
  const sentry = held('system calls end in gVisor’s own kernel');
  return {
    isolation: 'kernel',
    limits: limits(gvisor),
    network: { none: ownLoopback, loopback: ownLoopback, allowlist: noNetwork, full: noNetwork },
    profiles: {
      trusted: sentry,
      standard: sentry,
      strict: held('system calls end in gVisor’s own kernel; nothing but the workspace can be written'),
    },
    features: {
      exec: gvisor.lists ? yes : held(NO_LISTS),
      console: held('the terminal has no name inside: the command tty finds none'),
      command: yes,
      logs: { support: 'enforced', note: 'without times; the two streams’ order among each other is not kept' },
      pause: held('by gVisor’s own kernel'),
      ports: noNetwork,
      mounts: yes,
      images: no('it shows this machine’s own system, read-only'),
      updateLimits: gvisor.cgroups ? held('CPU and memory') : no('without cgroups nothing holds them'),
      userns: no('there is one user inside, who owns what is yours'),
      filesystem: yes,
      overlay: no('writes go to the workspace itself'),
      python: no('make a virtualenv sandbox for it'),
      packages: no('it shows this machine’s own programs'),
      snapshots: no('only through Docker so far'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

function limits({ cgroups, withoutCgroups }: Gvisor): Record<LimitName, Capability> {
  const isRoot = process.getuid?.() === 0;
  const by = (controller: string, capability: Capability): Capability => {
    // The suite shows it for root's cgroups only.
    if (cgroups?.controllers.has(controller)) return isRoot ? capability : tried('by cgroups that root has handed on');
    return no(cgroups ? `there is no cgroup controller ${controller}` : (withoutCgroups ?? 'there are no cgroups'));
  };
  const countsCpuTime = isRoot && (cgroups?.version === 2 || cgroups?.controllers.has('cpuacct') === true);
  return {
    ...limitCapabilities(true),
    cpuCores: by('cpu', yes),
    memoryBytes: by('memory', held('of the whole sandbox, which ends at it; gVisor itself takes about 25 MB of it')),
    processes: no('the system counts gVisor’s own threads, several for each process'),
    openFiles: held('for each process'),
    fileSizeBytes: held('for each process'),
    cpuTimeMs: countsCpuTime ? countedCpuTime : addedUpCpuTime,
    fuel: no('instructions are not counted'),
  };
}
