import type Dockerode from 'dockerode';
import { AppError } from '../../../shared/model/error.ts';
import type { ChosenPort } from '../../lib/ports.ts';
import type { CreateRequest } from '../engine.ts';
import { type HostConfig, pidsLimit, ulimitsOf } from './host-config.ts';
import type { ResolvedMount } from './mounts.ts';
import { WORKSPACE } from './objects.ts';

export interface Expectation {
  readonly request: CreateRequest;
  readonly ports: readonly ChosenPort[];
  readonly mounts: readonly ResolvedMount[];
  /** `uid:gid` of a confined profile. */
  readonly user: string;
  readonly workspace: string | null;
  readonly network: string;
  /** Whether the daemon can count swap at all; without it the engine drops the swap limit and says so. */
  readonly swapLimit: boolean;
  /** See `DaemonTraits`. */
  readonly pidsLimit: boolean;
  readonly ownKernel: boolean;
  /** See `DaemonTraits`. */
  readonly privateCgroups: boolean;
}

/**
 * Compares the engine's own, final configuration of a container with what design §5 promises, and
 * returns what differs. The request is not looked at: only what the engine made of it counts.
 */
export function deviations(info: Dockerode.ContainerInspectInfo, expected: Expectation): readonly string[] {
  const { spec } = expected.request;
  const { Config: config } = info;
  const host: HostConfig = info.HostConfig;
  const { limits } = spec;
  const confined = spec.profile !== 'trusted';
  const found: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

  check(host.Privileged === false, 'it is privileged');
  check(list(host.CapAdd).length === 0, 'capabilities were added');
  check(list(host.Devices).length === 0 && (host.DeviceRequests ?? []).length === 0, 'devices were passed in');
  check(list(host.DeviceCgroupRules).length === 0, 'device rules were added');
  for (const [name, mode] of [
    ['pid', host.PidMode],
    ['ipc', host.IpcMode],
    ['uts', host.UTSMode],
    ['user', host.UsernsMode],
    ['network', host.NetworkMode],
  ] as const) {
    check(mode !== 'host' && !mode?.startsWith('container:'), `it shares a ${name} namespace`);
  }
  if (expected.privateCgroups) check(host.CgroupnsMode === 'private', 'it shares a cgroup namespace');
  // Emptied, they open parts of /proc and /sys; an engine that does not tell leaves them out.
  check(host.MaskedPaths === undefined || list(host.MaskedPaths).length > 0, 'its /proc is not masked');
  check(host.ReadonlyPaths === undefined || list(host.ReadonlyPaths).length > 0, 'its /proc is not read-only');
  check(host.NetworkMode === expected.network, 'its network differs');
  check(spec.userns === undefined || host.UsernsMode === spec.userns, 'its user namespace differs');
  check(host.PublishAllPorts === false, 'it publishes all ports');
  check(samePorts(host.PortBindings, expected.ports), 'its published ports differ');
  check(!list(host.SecurityOpt).some((option) => option.includes('unconfined')), 'a protection was switched off');
  check((host.VolumesFrom ?? []).length === 0, 'it has volumes of another container');
  check(sameMounts(info, expected), 'its mounts differ');
  if (expected.pidsLimit)
    check(host.PidsLimit === pidsLimit(limits, spec.profile, expected.ownKernel), 'its process limit differs');
  check(Number(host.NanoCpus ?? 0) === Math.round((limits.cpuCores ?? 0) * 1e9), 'its CPU limit differs');
  check(Number(host.Memory ?? 0) === (limits.memoryBytes ?? 0), 'its memory limit differs');
  if (limits.memoryBytes !== undefined && expected.swapLimit) {
    check(host.MemorySwap === limits.memoryBytes, 'its swap limit differs');
  }
  check(host.OomKillDisable !== true, 'it cannot be ended when it runs out of memory');
  check(sameUlimits(host.Ulimits, expected), 'its open-file, file-size or CPU-time limit differs');
  check(Boolean(host.LogConfig?.Config?.['max-size']), 'its log is not bounded');
  check(host.Init === true, 'it has no init');
  check(spec.runtime === undefined || host.Runtime === spec.runtime, 'its runtime differs');
  if (confined) {
    check(list(host.CapDrop).includes('ALL'), 'capabilities were not dropped');
    check(list(host.SecurityOpt).some(isNoNewPrivileges), 'it may gain privileges');
    check(host.ReadonlyRootfs === true, 'its root is writable');
    check(config.User === expected.user, 'its user differs');
    check(
      ['/tmp', '/run'].every((path) => /(?:^|,)size=\d/.test(host.Tmpfs?.[path] ?? '')),
      'its temporary folders are not bounded',
    );
  }
  return found;
}

/** Throws when the container is not what was promised; the caller destroys it. */
export function verify(info: Dockerode.ContainerInspectInfo, expected: Expectation, engine: string): void {
  const found = deviations(info, expected);
  if (found.length === 0) return;
  throw new AppError(
    'internal',
    `${engine} made the container with other protections than asked for: ${found.join('; ')}`,
    {
      hint: 'It was removed again. Look at the daemon’s configuration (daemon.json) for settings that override these',
      details: { deviations: [...found] },
    },
  );
}

const isNoNewPrivileges = (option: string) => /^no-new-privileges(?:[:=]true)?$/.test(option);

function samePorts(actual: unknown, expected: readonly ChosenPort[]): boolean {
  const flat: string[] = [];
  for (const [key, bindings] of Object.entries((actual ?? {}) as Dockerode.PortMap)) {
    for (const binding of bindings ?? []) flat.push(`${binding.HostIp}:${binding.HostPort}:${key}`);
  }
  const wanted = expected.map(({ port, protocol, hostPort }) => `127.0.0.1:${hostPort}:${port}/${protocol}`);
  return flat.sort().join() === wanted.sort().join();
}

function sameMounts(info: Dockerode.ContainerInspectInfo, expected: Expectation): boolean {
  const wanted = expected.mounts.map((mount) => `${mount.source}→${mount.target}:${!mount.readOnly}`);
  if (expected.workspace !== null) wanted.push(`${expected.workspace}→${WORKSPACE}:true`);
  // Anonymous volumes come with the image (its VOLUME lines) and belong to this container alone.
  const actual = info.Mounts.filter((mount) => mount.Type === 'bind').map(
    (mount) => `${mount.Source}→${mount.Destination}:${mount.RW}`,
  );
  return (info.HostConfig.Binds ?? []).length === 0 && actual.sort().join() === wanted.sort().join();
}

function sameUlimits(actual: Dockerode.Ulimit[] | undefined, { request }: Expectation): boolean {
  return ulimitsOf(request.spec.limits).every(({ Name, Soft, Hard }) =>
    actual?.some((limit) => limit.Name === Name && limit.Soft === Soft && limit.Hard === Hard),
  );
}
