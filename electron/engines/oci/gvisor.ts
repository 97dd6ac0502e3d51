import { basename } from 'node:path';
import { z } from 'zod';
import { enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Runtime } from '../../../shared/model/engine.ts';
import { readKernelFile } from '../../lib/cgroup.ts';

const runtimesSchema = z.record(
  z.string(),
  z.object({
    path: z.string().nullish(),
    runtimeArgs: z.array(z.string()).nullish(),
    runtimeType: z.string().nullish(),
  }),
);

/** A runtime of a daemon (`Runtimes` of its `/info`) that is gVisor, whatever its name. */
export interface GvisorRuntime {
  readonly name: string;
  /** Options that the daemon calls it with, e.g. `--network=none`. */
  readonly args: readonly string[];
}

/** What a spec can call a runtime; a daemon allows more. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Those that are gVisor, by their program (`runsc`) or containerd shim. Not yet proven to work. */
export function findGvisor(runtimes: unknown): readonly GvisorRuntime[] {
  const parsed = runtimesSchema.safeParse(runtimes);
  if (!parsed.success) return [];
  return Object.entries(parsed.data)
    .filter(([name, { path, runtimeType }]) => {
      return NAME.test(name) && (basename(path ?? '') === 'runsc' || /\brunsc\b/.test(runtimeType ?? ''));
    })
    .map(([name, { runtimeArgs }]) => ({ name, args: runtimeArgs ?? [] }));
}

export interface GvisorTraits {
  /** What the daemon's usual runtime can do. */
  readonly usual: Capabilities;
  /** The daemon can save and restore containers: it is experimental. */
  readonly checkpoints: boolean;
  /** It runs on this machine. */
  readonly local: boolean;
}

/** What holds for sandboxes that gVisor runs: found by running each of them, see the engine contract's enforcement part. */
export function gvisorRuntime({ name, args }: GvisorRuntime, { usual, checkpoints, local }: GvisorTraits): Runtime {
  const offline = args.includes('--network=none');
  /** What is asked for in Docker's words, it then never hears of. */
  const unheld = args.includes('--ignore-cgroups')
    ? unsupported('gVisor is run without cgroups (--ignore-cgroups)')
    : null;
  const { limits, network, features } = usual;
  const noNetwork = unsupported('the daemon runs gVisor without a network (--network=none)');
  return {
    name,
    title: 'gVisor',
    tradeOff:
      'A kernel of its own between the programs and this machine’s: much harder to escape, slower at system calls and files',
    capabilities: {
      ...usual,
      isolation: 'kernel',
      limits: {
        ...limits,
        cpuCores: unheld ?? limits.cpuCores,
        memoryBytes:
          unheld ??
          (limits.memoryBytes.support === 'enforced'
            ? enforced(
                'of the whole sandbox, which ends at it; gVisor itself takes about 25 MB of it, and releases of 2022 some more with each program that was started',
              )
            : limits.memoryBytes),
        processes: unsupported(
          'the system counts gVisor’s own threads, several for each process, and the sandbox ends at it',
        ),
      },
      network: { ...network, full: offline ? noNetwork : network.full },
      profiles: {
        ...usual.profiles,
        // Its kernel takes the calls, so nothing depends on a filter that the daemon brings.
        standard: enforced('system calls end in gVisor’s own kernel'),
        strict: enforced(
          'system calls end in gVisor’s own kernel; no network, read-only mounts, nothing runs from /tmp',
        ),
      },
      features: {
        ...features,
        ports: offline ? noNetwork : features.ports,
        console: enforced('the terminal has no name inside: the command tty finds none'),
        files: local ? enforced('the workspace and its mounts') : unsupported('the daemon runs on another machine'),
        updateLimits: unsupported('gVisor takes limits when it starts only'),
        snapshots: !local
          ? unsupported('the daemon runs on another machine')
          : checkpoints
            ? enforced('memory and processes, not the workspace’s files; once for each time that it is started afresh')
            : unsupported('the daemon’s experimental features are off: set "experimental": true in its daemon.json'),
      },
    },
  };
}

/**
 * Whether a container's first process, as this machine counts it, is gVisor's kernel. What runs inside
 * is then not among this machine's processes: there are threads of that kernel only.
 */
export function isGvisorProcess(pid: number): boolean {
  return readKernelFile(`/proc/${pid}/cmdline`)?.startsWith('runsc-sandbox\0') ?? false;
}
