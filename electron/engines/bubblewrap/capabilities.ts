import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability } from '../../../shared/model/engine.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import { addedUpCpuTime, countedCpuTime } from '../host-limits.ts';
import { limitCapabilities } from '../local/limits.ts';
import type { Abilities } from './abilities.ts';

/** `abilities`: null where no sandbox can be made; then what a usual Linux could do. */
export function bubblewrapCapabilities(abilities: Abilities | null): Capabilities {
  const ownLoopback = enforced('only its own loopback');
  const withoutNetwork = abilities?.withoutNetwork ?? null;
  return {
    isolation: 'namespaces',
    limits: limits(abilities),
    network: {
      none: ownLoopback,
      loopback: ownLoopback,
      allowlist: unsupported('nothing here filters by name'),
      full:
        withoutNetwork === null
          ? enforced('through slirp4netns; of this machine its loopback is out of reach, other addresses are not')
          : unsupported(withoutNetwork),
    },
    profiles: {
      trusted: enforced('namespaces as in the others; system calls are filtered lightly'),
      standard: enforced('system calls that Docker denies are denied, and more'),
      strict: enforced('only system calls that ordinary programs need; no network, mounts read-only'),
    },
    features: {
      exec: enforced(),
      execSignals: enforced('to the command’s process group'),
      console: enforced(),
      command: enforced(),
      logs: enforced(),
      logTimes: unsupported('a log here is a plain file, without times'),
      pause: abilities?.cgroups?.controllers.has('freezer')
        ? enforced()
        : bestEffort('every process is stopped by a signal, which its parent can see'),
      ports:
        withoutNetwork === null
          ? enforced('on 127.0.0.1; programs inside must listen on all addresses, not on their loopback only')
          : unsupported(withoutNetwork),
      mounts: enforced(),
      images: unsupported('it shows this machine’s own system, read-only'),
      updateLimits: abilities?.cgroups
        ? enforced('CPU, memory and processes')
        : unsupported('without cgroups limits are set when a program starts'),
      userns: unsupported('there is one mapping: nobody'),
      filesystem: enforced(),
      overlay: layers(abilities),
      python: unsupported('make a virtualenv sandbox for it'),
      packages: unsupported('it shows this machine’s own programs'),
      snapshots: unsupported('the memory of processes cannot be saved'),
      files: enforced('its workspace, and what else it is shown of this machine'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

function layers(abilities: Abilities | null): Capability {
  const why = abilities?.withoutLayers ?? null;
  return why === null
    ? enforced('writes to the workspace; files of another user or group than your own cannot be written then')
    : unsupported(why);
}

function limits(abilities: Abilities | null): Record<LimitName, Capability> {
  const plain = limitCapabilities(true);
  const { cgroups = null, withoutCgroups = null } = abilities ?? {};
  const by = (controller: string, otherwise: Capability) => {
    if (cgroups?.controllers.has(controller)) return enforced();
    const why = cgroups ? `there is no cgroup controller ${controller}` : (withoutCgroups ?? 'there are no cgroups');
    return { ...otherwise, note: [otherwise.note, why].filter(Boolean).join('; ') };
  };
  return {
    ...plain,
    cpuCores: by('cpu', unsupported('a program may use every core')),
    memoryBytes: by('memory', bestEffort('address space of each process, not memory of all together')),
    processes: by(
      'pids',
      bestEffort('by a limit of the user’s processes in the sandbox, which also counts its helpers'),
    ),
    cpuTimeMs: countsCpuTime(cgroups) ? countedCpuTime : addedUpCpuTime,
    fuel: unsupported('instructions are not counted'),
  };
}

/** Version 2 counts it in every cgroup. */
const countsCpuTime = (cgroups: Abilities['cgroups'] | null): boolean =>
  cgroups !== null && (cgroups.version === 2 || cgroups.controllers.has('cpuacct'));
