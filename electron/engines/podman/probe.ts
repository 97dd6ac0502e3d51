import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { readKernelFile } from '../../lib/cgroup.ts';
import type { OciClient } from '../oci/client.ts';
import type { Endpoint } from '../oci/connection.ts';
import type { DaemonTraits } from '../oci/create.ts';
import { getJson } from '../oci/request.ts';
import { type PodmanAbilities, podmanCapabilities } from './capabilities.ts';
import { findInit } from './init.ts';
import { findRuntimes } from './runtimes.ts';

const PROBE_TIMEOUT_MS = 8000;
const OLDEST = 4;
/** Podman's own API in the oldest version that serves; later ones offer it too. */
export const OLDEST_API = `/v${OLDEST}.0.0/libpod`;

const program = z.object({ executable: z.string().default('') }).nullish();
const infoSchema = z.object({
  host: z.object({
    cpus: z.int().positive().optional(),
    cgroupVersion: z.string().default('v1'),
    cgroupControllers: z.array(z.string()).nullish(),
    cgroupManager: z.string().default(''),
    eventLogger: z.string().default(''),
    security: z.object({ rootless: z.boolean(), seccompEnabled: z.boolean().default(false) }),
    slirp4netns: program,
    pasta: program,
    ociRuntime: z.object({ name: z.string().default('') }).nullish(),
    idMappings: z.object({ uidmap: z.array(z.object({ size: z.number() })).nullish() }).nullish(),
    distribution: z.object({ distribution: z.string().default(''), version: z.string().default('') }).nullish(),
  }),
  store: z.object({ graphDriverName: z.string().default('') }),
  version: z.object({ Version: z.string() }),
});
type Info = z.infer<typeof infoSchema>;

const versionSchema = z.object({
  Version: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

export interface Probed {
  readonly report: EngineReport;
  readonly traits: DaemonTraits;
  readonly libpod: string;
  readonly fullNetwork: string | null;
}

/** Asks Podman what it can do here. Throws AppError. */
export async function probePodman(client: OciClient, endpoint: Endpoint): Promise<Probed> {
  const ask = (path: string) =>
    client.call('describe itself', (docker, signal) => getJson(docker, path, signal), { timeoutMs: PROBE_TIMEOUT_MS });
  const describe = async () => {
    // Side by side, as each takes Podman most of a second: it asks the package manager what its programs belong to.
    const [own, dockerInfo] = await Promise.all([ask(`${OLDEST_API}/info`), ask('/info')]);
    const parsed = infoSchema.safeParse(own);
    if (parsed.success) return { info: parsed.data, dockerInfo };
    throw new AppError('engine_unavailable', 'What Podman says of itself is not understood', { cause: parsed.error });
  };
  const { info, dockerInfo } = await describe().catch(async (error: unknown) => {
    refuseOthers(await ask('/version'), endpoint);
    throw error;
  });
  const version = info.version.Version;
  const { major, minor } = partsOf(version);
  const libpod = `/v${version.replace(/[-+].*$/, '')}/libpod`;
  const { host, store } = info;
  if (host.eventLogger === 'none') {
    throw new AppError('engine_unavailable', 'Podman’s events are switched off, so nothing could be followed', {
      hint: 'Set events_logger to "file" or "journald" in containers.conf',
    });
  }
  const can = abilitiesOf(info, client.local, { major, minor });
  const { capabilities, runtimes, facts } = await findRuntimes(client, endpoint, {
    version,
    dockerInfo,
    usual: podmanCapabilities(can),
  });
  const init = client.local ? findInit() : undefined;
  return {
    libpod,
    fullNetwork: can.fullNetwork,
    traits: {
      offer: { capabilities, runtimes },
      rootless: can.rootless,
      swapLimit: can.memory && can.swap,
      pidsLimit: can.pids,
      privateCgroups: can.cgroupVersion === 2 || (client.local && existsSync('/proc/self/ns/cgroup')),
    },
    report: {
      kind: 'podman',
      status: 'available',
      version,
      reason: null,
      hint: null,
      capabilities,
      runtimes,
      facts: {
        socket: endpoint.url,
        from: endpoint.origin,
        mode: can.rootless ? 'rootless' : 'rootful',
        system: [host.distribution?.distribution, host.distribution?.version].filter(Boolean).join(' '),
        cgroup: `${host.cgroupVersion}, ${host.cgroupManager}`,
        storage: store.graphDriverName,
        runtime: host.ociRuntime?.name ?? '',
        network: can.fullNetwork ?? 'none',
        security: can.seccomp ? 'seccomp' : 'none',
        ...(init === null ? { init: 'missing: install catatonit, or no sandbox can be made' } : {}),
        ...facts,
      },
    },
  };
}

const partsOf = (version: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { major, minor };
};

/** Tells of what has not answered as a Podman that would do: it is another program, or too old. */
function refuseOthers(answer: unknown, endpoint: Endpoint): void {
  const version = versionSchema.safeParse(answer);
  const isPodman = version.data?.Components?.some(({ Name }) => /podman/i.test(Name)) ?? false;
  if (!version.success || !isPodman) {
    throw new AppError('engine_unavailable', `What answers at ${endpoint.url} is not Podman`);
  }
  if (partsOf(version.data.Version).major >= OLDEST) return;
  throw new AppError('engine_unavailable', `Podman ${version.data.Version} is too old for Terrarium`, {
    hint: `Podman ${OLDEST}.0 or later is needed`,
  });
}

function abilitiesOf(
  { host }: Info,
  local: boolean,
  { major, minor }: { readonly major: number; readonly minor: number },
): PodmanAbilities {
  const { rootless, seccompEnabled } = host.security;
  const cgroupVersion = host.cgroupVersion === 'v2' ? 2 : 1;
  const has = (name: string) => host.cgroupControllers?.includes(name) ?? false;
  return {
    rootless,
    cgroupVersion,
    memory: has('memory'),
    // v2's memory controller always counts swap; v1's may have been started without.
    swap: cgroupVersion === 2 || !local || countsSwap(),
    cpu: has('cpu'),
    cores: host.cpus,
    pids: has('pids'),
    freezer: cgroupVersion === 2 || (!rootless && has('freezer')),
    local,
    seccomp: seccompEnabled,
    fullNetwork: fullNetworkOf(host, rootless),
    subordinateIds: rootless ? (host.idMappings?.uidmap ?? []).some(({ size }) => size >= 1024) : hasContainersUser(),
    canUpdate: major > 4 || (major === 4 && minor >= 3),
  };
}

/** Only these give each sandbox a network of its own, out of which this machine's loopback is not reached. */
function fullNetworkOf({ slirp4netns, pasta }: Info['host'], rootless: boolean): string | null {
  if (slirp4netns?.executable) return 'slirp4netns';
  return rootless && pasta?.executable ? 'pasta' : null;
}

function countsSwap(): boolean {
  return existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes');
}

/** Root's Podman takes the ids for `auto` from this user's. */
function hasContainersUser(): boolean {
  return ['/etc/subuid', '/etc/subgid'].every((path) => /^containers:/m.test(readKernelFile(path) ?? ''));
}
