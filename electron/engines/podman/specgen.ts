import { constants } from 'node:os';
import type Dockerode from 'dockerode';
import { readKernelFile } from '../../lib/cgroup.ts';
import { ownLimit } from '../../lib/proc-linux.ts';
import type { HostConfig } from '../oci/host-config.ts';

/** Podman's own default for limits that nobody named; more than that it never asks for. */
const MOST = 1_048_576;

/**
 * A container as Podman's own API takes it (SpecGenerator), from Docker's description. Podman also has
 * Docker's `create`, but that loses much: rootless without cgroup v2 it drops ulimits, it knows no log
 * size, adds folders in memory without a bound, and shares a cgroup namespace.
 * Source: https://docs.podman.io/en/latest/_static/api.html, ContainerCreateLibpod.
 */
export function specOf(options: Dockerode.ContainerCreateOptions): Readonly<Record<string, unknown>> {
  const host: HostConfig = options.HostConfig ?? {};
  const argv = options.Entrypoint === undefined ? null : [options.Entrypoint, options.Cmd ?? []].flat();
  return {
    name: options.name,
    image: options.Image,
    ...(argv === null ? {} : { entrypoint: argv.slice(0, 1), command: argv.slice(1) }),
    env: Object.fromEntries((options.Env ?? []).map(splitAtEquals)),
    work_dir: options.WorkingDir,
    labels: options.Labels,
    user: options.User,
    terminal: options.Tty ?? false,
    stdin: options.OpenStdin ?? false,
    ...(options.StopSignal === undefined ? {} : { stop_signal: signalNumber(options.StopSignal) }),
    init: host.Init ?? false,
    systemd: 'false',
    sdnotifyMode: 'ignore',
    log_configuration: { driver: 'k8s-file', size: logBytes(host.LogConfig?.Config) },
    mounts: [...(host.Mounts ?? []).map(bindOf), ...Object.entries(host.Tmpfs ?? {}).map(tmpfsOf)],
    cap_drop: host.CapDrop,
    cap_add: host.CapAdd,
    no_new_privileges: (host.SecurityOpt ?? []).includes('no-new-privileges'),
    ...seccompOf(host.SecurityOpt ?? []),
    privileged: host.Privileged ?? false,
    read_only_filesystem: host.ReadonlyRootfs ?? false,
    read_write_tmpfs: false,
    ...(host.Runtime === undefined ? {} : { oci_runtime: host.Runtime }),
    netns: { nsmode: host.NetworkMode ?? 'none' },
    portmappings: portsOf(host.PortBindings),
    ipcns: { nsmode: 'private' },
    pidns: { nsmode: 'private' },
    utsns: { nsmode: 'private' },
    ...(host.CgroupnsMode === 'private' ? { cgroupns: { nsmode: 'private' } } : {}),
    ...userOf(host.UsernsMode),
    resource_limits: resourcesOf(host),
    r_limits: rlimitsOf(host.Ulimits ?? []),
    restart_policy: 'no',
  };
}

function splitAtEquals(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

function signalNumber(name: string): number | undefined {
  return constants.signals[name as NodeJS.Signals];
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Docker turns files over, Podman empties the one file: it gets what all of Docker's together may take. */
function logBytes(config: unknown): number | undefined {
  const { 'max-size': size = '', 'max-file': files = '1' } = (config ?? {}) as Readonly<Record<string, string>>;
  const [, number, unit = ''] = /^(\d+)([kmg]?)$/.exec(size) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? 1) * Number(files);
}

function bindOf({ Source, Target, ReadOnly }: Dockerode.MountSettings) {
  return {
    type: 'bind',
    source: Source,
    destination: Target,
    options: ['rbind', 'rprivate', ReadOnly ? 'ro' : 'rw'],
  };
}

/** Podman takes no owner by number: `U` is the container's user. A copy of the image's folder would have its owner. */
function tmpfsOf([destination, options]: [string, string]) {
  const all = options.split(',');
  const kept = all.filter((option) => !/^[ug]id=/.test(option));
  const owned = kept.length < all.length ? ['U'] : [];
  return { type: 'tmpfs', source: 'tmpfs', destination, options: [...kept, ...owned, 'notmpcopyup'] };
}

/** A profile is a path on the engine's machine; without one Podman has its own. */
function seccompOf(options: readonly string[]) {
  const path = options.find((option) => option.startsWith('seccomp='))?.slice('seccomp='.length);
  return path === undefined ? {} : { seccomp_profile_path: path };
}

function portsOf(bindings: unknown) {
  return Object.entries((bindings ?? {}) as Dockerode.PortMap).flatMap(([key, hosts]) => {
    const [port, protocol] = key.split('/');
    return (hosts ?? []).map(({ HostIp, HostPort }) => ({
      container_port: Number(port),
      host_port: Number(HostPort),
      host_ip: HostIp,
      protocol,
    }));
  });
}

function userOf(mode: string | undefined) {
  if (mode === 'auto') return { userns: { nsmode: 'auto' }, idmappings: { AutoUserNs: true, AutoUserNsOpts: {} } };
  if (mode === 'keep-id') return { userns: { nsmode: 'keep-id' } };
  return mode === 'nomap' ? { userns: { nsmode: 'no-map' } } : {};
}

const CPU_PERIOD_US = 100_000;

/** In the words of the OCI runtime specification, which `update` takes as well. */
export function resourcesOf({ Memory, MemorySwap, NanoCpus, PidsLimit }: Dockerode.HostConfig) {
  return {
    ...(Memory === undefined ? {} : { memory: { limit: Memory, swap: MemorySwap ?? Memory } }),
    ...(NanoCpus === undefined
      ? {}
      : { cpu: { period: CPU_PERIOD_US, quota: Math.round((NanoCpus * CPU_PERIOD_US) / 1e9) } }),
    ...(PidsLimit == null ? {} : { pids: { limit: PidsLimit } }),
  };
}

/**
 * Podman raises open files and processes to its own default where nobody names them, which fails for
 * one that may not raise its own limits: then what this process has is named.
 */
function rlimitsOf(ulimits: readonly Dockerode.Ulimit[]) {
  const named = ulimits.map(({ Name, Soft, Hard }) => ({ type: Name, soft: Soft, hard: Hard }));
  if (process.platform !== 'linux') return named;
  const rest = [
    { type: 'nofile', most: ownLimit('Max open files')?.hard },
    // Podman also lowers its own to this.
    { type: 'nproc', most: Math.min(ownLimit('Max processes')?.hard ?? MOST, pidMax()) },
  ].filter(({ type }) => !named.some((each) => each.type === type));
  return [
    ...named,
    ...rest.map(({ type, most = MOST }) => ({ type, soft: Math.min(most, MOST), hard: Math.min(most, MOST) })),
  ];
}

function pidMax(): number {
  return Number(readKernelFile('/proc/sys/kernel/pid_max') ?? MOST);
}
