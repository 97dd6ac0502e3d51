import type Dockerode from 'dockerode';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Profile, SandboxSpec } from '../../../shared/model/spec.ts';
import type { ChosenPort } from '../../lib/ports.ts';
import type { ResolvedMount } from './mounts.ts';
import { WORKSPACE } from './objects.ts';

const MIB = 1024 * 1024;

/** The least that keeps a fork bomb inside; the user's own limit replaces it. */
const DEFAULT_PIDS: Readonly<Record<Profile, number>> = { trusted: 4096, standard: 512, strict: 128 };

/** What a log may take on disk: three files of this size. */
const LOG_FILES = 3;
const LOG_FILE_SIZE = '10m';

export interface HostConfigInput {
  readonly spec: SandboxSpec;
  readonly ports: readonly ChosenPort[];
  readonly mounts: readonly ResolvedMount[];
  /** The workspace's folder on this machine; null: a tmpfs (the daemon is on another machine). */
  readonly workspace: string | null;
  /** `uid:gid` that a confined sandbox runs as. */
  readonly user: string;
  /** What `NetworkMode` says. */
  readonly network: string;
  /** See `DaemonTraits`. */
  readonly pidsLimit: boolean;
  /** Its runtime brings a kernel of its own, whether it was asked for or is the usual one. */
  readonly ownKernel: boolean;
  /** See `DaemonTraits`. */
  readonly privateCgroups: boolean;
}

/** The types do not know of the cgroup namespace. */
export type HostConfig = Dockerode.HostConfig & { readonly CgroupnsMode?: string };

/** Design §5, per profile. `verify.ts` checks what the engine made of it. */
export function hostConfigOf(input: HostConfigInput): HostConfig {
  const { spec, ports, mounts, workspace, user, network, privateCgroups } = input;
  const confined = spec.profile !== 'trusted';
  const owner = confined ? ownerOf(user) : '';
  const tmpfs = confined ? tmpfsOf(spec, owner) : {};
  return {
    NetworkMode: network,
    PortBindings: portBindings(ports),
    Mounts: [
      ...(workspace === null ? [] : [{ Type: 'bind' as const, Source: workspace, Target: WORKSPACE, ReadOnly: false }]),
      ...mounts.map(({ source, target, readOnly }) => ({
        Type: 'bind' as const,
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
    ],
    Tmpfs: workspace === null ? { ...tmpfs, [WORKSPACE]: `rw,exec,nosuid,nodev,size=256m,mode=1777${owner}` } : tmpfs,
    ...(confined ? { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], ReadonlyRootfs: true } : {}),
    Privileged: false,
    PublishAllPorts: false,
    IpcMode: 'private',
    ...(privateCgroups ? { CgroupnsMode: 'private' } : {}),
    ...(spec.userns === undefined ? {} : { UsernsMode: spec.userns }),
    RestartPolicy: { Name: 'no' },
    Init: true,
    ...(spec.runtime === undefined ? {} : { Runtime: spec.runtime }),
    LogConfig: { Type: 'json-file', Config: { 'max-size': LOG_FILE_SIZE, 'max-file': String(LOG_FILES) } },
    ...limitsOf(spec.limits),
    ...(input.pidsLimit ? { PidsLimit: pidsLimit(spec.limits, spec.profile, input.ownKernel) } : {}),
    Ulimits: ulimitsOf(spec.limits),
  };
}

/**
 * What keeps a fork bomb inside a sandbox with a kernel of its own (gVisor), which takes some eight
 * threads of this machine for each process and ends when it gets no more.
 */
const OWN_KERNEL_PIDS = 4096;

/** One more than asked for, because the container's init is a process as well. */
export function pidsLimit(limits: Limits, profile: Profile, ownKernel = false): number {
  if (ownKernel) return OWN_KERNEL_PIDS;
  return limits.processes === undefined ? DEFAULT_PIDS[profile] : limits.processes + 1;
}

/** Limits that can also be changed while it runs. Memory and swap together never exceed the memory limit. */
export function limitsOf(limits: Limits): Pick<Dockerode.HostConfig, 'NanoCpus' | 'Memory' | 'MemorySwap'> {
  return {
    ...(limits.cpuCores === undefined ? {} : { NanoCpus: Math.round(limits.cpuCores * 1e9) }),
    ...(limits.memoryBytes === undefined ? {} : { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes }),
  };
}

export function ulimitsOf(limits: Limits): Dockerode.Ulimit[] {
  const both = (Name: string, value: number, hard = value) => ({ Name, Soft: value, Hard: hard });
  const cpuSeconds = limits.cpuTimeMs === undefined ? undefined : Math.ceil(limits.cpuTimeMs / 1000);
  return [
    ...(limits.openFiles === undefined ? [] : [both('nofile', limits.openFiles)]),
    ...(limits.fileSizeBytes === undefined ? [] : [both('fsize', limits.fileSizeBytes)]),
    // SIGXCPU at the soft limit, SIGKILL a second later for who ignores it.
    ...(cpuSeconds === undefined ? [] : [both('cpu', cpuSeconds, cpuSeconds + 1)]),
  ];
}

/** A folder of the image at the same place passes its mode on, so the owner must be right as well. */
function ownerOf(user: string): string {
  const [uid, gid] = user.split(':');
  return `,uid=${uid},gid=${gid}`;
}

function tmpfsOf(spec: SandboxSpec, owner: string): Record<string, string> {
  // A tmpfs counts as the container's memory, so it must be able to be full without an OOM kill.
  const half = Math.floor((spec.limits.memoryBytes ?? Number.POSITIVE_INFINITY) / 2);
  const exec = spec.profile === 'strict' ? 'noexec' : 'exec';
  return {
    '/tmp': `rw,${exec},nosuid,nodev,size=${Math.min(256 * MIB, half)},mode=1777${owner}`,
    '/run': `rw,noexec,nosuid,nodev,size=${Math.min(16 * MIB, half)},mode=1777${owner}`,
  };
}

function portBindings(ports: readonly ChosenPort[]): Dockerode.PortMap {
  const bindings: Dockerode.PortMap = {};
  for (const { port, protocol, hostPort } of ports) {
    const key = `${port}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: '127.0.0.1', HostPort: String(hostPort) }];
  }
  return bindings;
}
