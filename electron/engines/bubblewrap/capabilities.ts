import type { Capabilities, Capability } from '../../../shared/model/engine.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import { addedUpCpuTime, countedCpuTime } from '../host-limits.ts';
import { limitCapabilities } from '../local/limits.ts';
import type { Abilities } from './abilities.ts';

const yes: Capability = { support: 'enforced' };
const held = (note: string): Capability => ({ support: 'enforced', note });
const tried = (note: string): Capability => ({ support: 'best-effort', note });
const no = (note: string): Capability => ({ support: 'unsupported', note });

/** `abilities`: null where no sandbox can be made; then what a usual Linux could do. */
export function bubblewrapCapabilities(abilities: Abilities | null): Capabilities {
  const ownLoopback = held('only its own loopback');
  const withoutNetwork = abilities?.withoutNetwork ?? null;
  return {
    isolation: 'namespaces',
    limits: limits(abilities),
    network: {
      none: ownLoopback,
      loopback: ownLoopback,
      allowlist: no('nothing here filters by name'),
      full:
        withoutNetwork === null
          ? held('through slirp4netns; of this machine its loopback is out of reach, other addresses are not')
          : no(withoutNetwork),
    },
    profiles: {
      trusted: held('namespaces as in the others; system calls are filtered lightly'),
      standard: held('system calls that Docker denies are denied, and more'),
      strict: held('only system calls that ordinary programs need; no network, mounts read-only'),
    },
    features: {
      exec: yes,
      console: yes,
      command: yes,
      logs: yes,
      pause: abilities?.cgroups?.controllers.has('freezer')
        ? yes
        : tried('every process is stopped by a signal, which its parent can see'),
      ports:
        withoutNetwork === null
          ? held('on 127.0.0.1; programs inside must listen on all addresses, not on their loopback only')
          : no(withoutNetwork),
      mounts: yes,
      images: no('it shows this machine’s own system, read-only'),
      updateLimits: abilities?.cgroups
        ? held('CPU, memory and processes')
        : no('without cgroups limits are set when a program starts'),
      userns: no('there is one mapping: nobody'),
      filesystem: yes,
      overlay: layers(abilities),
      python: no('make a virtualenv sandbox for it'),
      packages: no('it shows this machine’s own programs'),
      snapshots: no('the memory of processes cannot be saved'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

function layers(abilities: Abilities | null): Capability {
  const why = abilities?.withoutLayers ?? null;
  return why === null
    ? held('writes to the workspace; files of another user or group than your own cannot be written then')
    : no(why);
}

function limits(abilities: Abilities | null): Record<LimitName, Capability> {
  const plain = limitCapabilities(true);
  const { cgroups = null, withoutCgroups = null } = abilities ?? {};
  const by = (controller: string, otherwise: Capability) => {
    if (cgroups?.controllers.has(controller)) return yes;
    const why = cgroups ? `there is no cgroup controller ${controller}` : (withoutCgroups ?? 'there are no cgroups');
    return { ...otherwise, note: [otherwise.note, why].filter(Boolean).join('; ') };
  };
  return {
    ...plain,
    cpuCores: by('cpu', no('a program may use every core')),
    memoryBytes: by('memory', tried('address space of each process, not memory of all together')),
    processes: by('pids', tried('by a limit of the user’s processes in the sandbox, which also counts its helpers')),
    cpuTimeMs: countsCpuTime(cgroups) ? countedCpuTime : addedUpCpuTime,
    fuel: no('instructions are not counted'),
  };
}

/** Version 2 counts it in every cgroup. */
const countsCpuTime = (cgroups: Abilities['cgroups'] | null): boolean =>
  cgroups !== null && (cgroups.version === 2 || cgroups.controllers.has('cpuacct'));
