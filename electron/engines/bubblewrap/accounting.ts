import { AppError } from '../../../shared/model/error.ts';
import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import type { Counters } from '../../../shared/model/sample.ts';
import { type Cgroup, readKernelFile } from '../../lib/cgroup.ts';
import { parseNetDev, readCgroupCounters } from '../../lib/cgroup-counters.ts';
import {
  type CgroupLimits,
  cgroupStrikes,
  controls,
  createCgroup,
  freezeCgroup,
  limitCgroup,
  removeCgroup,
  thawCgroup,
} from '../../lib/cgroup-create.ts';
import type { CgroupHome } from '../../lib/cgroup-home.ts';
import type { Launcher, LocalSandbox } from '../local/launcher.ts';
import { boxPaths, readBox, readCgroup, writeCgroup } from './box.ts';

/** The others are put on each program. */
const HELD = ['memoryBytes', 'cpuCores', 'processes'] as const satisfies readonly (LimitName & keyof CgroupLimits)[];
const isHeld = (name: LimitName): name is (typeof HELD)[number] => HELD.some((each) => each === name);

/** What is of this engine in the cgroup: PID 1, and its sleep where there is no main program. */
const helpersIn = ({ manifest }: LocalSandbox) => (manifest.spec.command ? 1 : 2);

type Accounting = Required<Pick<Launcher, 'pause' | 'resume' | 'sample' | 'strikes' | 'updateLimits'>> & {
  /** Makes the sandbox's cgroup, with its limits; null where none can be had. */
  readonly open: (sandbox: LocalSandbox, home: CgroupHome | null) => Promise<Cgroup | null>;
  readonly close: NonNullable<Launcher['ended']>;
};

/** Limits, counters and standstill by a cgroup of the sandbox's own. Without one there is nothing here. */
export function createAccounting(): Accounting {
  const find = (place: Parameters<NonNullable<Launcher['ended']>>[0]) => readCgroup(boxPaths(place));

  const limit = (sandbox: LocalSandbox, cgroup: Cgroup, { memoryBytes, cpuCores, processes }: CgroupLimits) =>
    limitCgroup(cgroup, {
      memoryBytes,
      cpuCores,
      ...(processes === undefined ? {} : { processes: processes + helpersIn(sandbox) }),
    });

  return {
    async open(sandbox, home) {
      if (!home) return null;
      const name = `${sandbox.id}-${sandbox.manifest.mark}`;
      const cgroup = createCgroup(home, name);
      // On record before anything is in it: whatever happens then, it is found and removed.
      await writeCgroup(boxPaths(sandbox), cgroup);
      // What it does not hold is put on each program as well as that can be, which the capabilities tell.
      const { limits } = sandbox.manifest.spec;
      const held = HELD.filter((name) => controls(cgroup, name)).map((name) => [name, limits[name]]);
      limit(sandbox, cgroup, Object.fromEntries(held));
      return cgroup;
    },
    async close(place) {
      const cgroup = await find(place);
      if (cgroup) await removeCgroup(cgroup);
    },
    async pause(place) {
      const cgroup = await find(place);
      if (!cgroup || !canFreeze(cgroup)) return false;
      await freezeCgroup(cgroup);
      return undefined;
    },
    async resume(place) {
      const cgroup = await find(place);
      if (!cgroup || !canFreeze(cgroup)) return false;
      thawCgroup(cgroup);
      return undefined;
    },
    async updateLimits(sandbox, limits) {
      const cgroup = await find(sandbox);
      const unsupported = (message: string, field = 'limits') =>
        new AppError('unsupported', message, { hint: 'Rebuild the sandbox with the new limits.', details: { field } });
      if (!cgroup && sandbox.manifest.state !== 'ready' && sandbox.manifest.state !== 'stopped') {
        throw unsupported('Without cgroups the limits of a sandbox are set when a program starts.');
      }
      const fixed = limitNames.find((name) => limits[name] !== undefined && !isHeld(name));
      if (fixed) throw unsupported(`The limit ${fixed} is set when a program starts.`, `limits.${fixed}`);
      if (!cgroup) return;
      const loose = HELD.find((name) => limits[name] !== undefined && !controls(cgroup, name));
      if (loose) throw unsupported(`Nothing here holds the limit ${loose} of a running sandbox.`, `limits.${loose}`);
      limit(sandbox, cgroup, limits);
    },
    async strikes(sandbox) {
      const cgroup = await find(sandbox);
      if (!cgroup) return {};
      const { memoryBytes, processes } = cgroupStrikes(cgroup);
      // A fork bomb is refused thousands of times: that it is, is told once.
      return { memoryBytes: memoryBytes ?? 0, processes: Math.min(1, processes ?? 0) };
    },
    async sample(sandbox): Promise<Counters | null> {
      const paths = boxPaths(sandbox);
      const [cgroup, box] = await Promise.all([readCgroup(paths), readBox(paths)]);
      const counted = cgroup && readCgroupCounters(cgroup);
      if (!counted || counted.cpuNs === null || !box) return null;
      const isOnline = sandbox.manifest.spec.network.mode === 'full';
      const network = isOnline ? readKernelFile(`/proc/${box.first.pid}/net/dev`) : null;
      return {
        ...counted,
        ...(network === null ? { networkRxBytes: null, networkTxBytes: null } : parseNetDev(network)),
        at: Date.now(),
        pids: counted.pids === null ? null : Math.max(0, counted.pids - helpersIn(sandbox)),
      };
    },
  };
}

const canFreeze = (cgroup: Cgroup) => cgroup.version === 2 || cgroup.folders.has('freezer');
