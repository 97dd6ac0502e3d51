import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { readKernelFile } from '../../lib/cgroup.ts';
import { findProgram } from '../../lib/executable.ts';
import { capabilitiesOf, type DaemonAbilities, usualAbilities } from '../oci/capabilities.ts';
import type { OciClient } from '../oci/client.ts';
import type { Endpoint } from '../oci/connection.ts';
import type { DaemonTraits } from '../oci/create.ts';
import { getJson } from '../oci/request.ts';
import type { EndpointSources } from './endpoint.ts';
import { findRuntimes } from './runtimes.ts';

const PROBE_TIMEOUT_MS = 4000;

const infoSchema = z.object({
  ServerVersion: z.string(),
  OperatingSystem: z.string().default(''),
  OSType: z.string().default('linux'),
  CgroupVersion: z.string().default('1'),
  CgroupDriver: z.string().default(''),
  Driver: z.string().default(''),
  DefaultRuntime: z.string().default(''),
  Runtimes: z.unknown().optional(),
  ExperimentalBuild: z.boolean().default(false),
  MemoryLimit: z.boolean().default(false),
  SwapLimit: z.boolean().default(false),
  CpuCfsPeriod: z.boolean().default(false),
  CpuCfsQuota: z.boolean().default(false),
  NCPU: z.int().positive().optional(),
  PidsLimit: z.boolean().default(true),
  SecurityOptions: z.array(z.string()).nullish(),
});

export interface Probed {
  readonly report: EngineReport;
  /** Null when it does not answer. */
  readonly traits: DaemonTraits | null;
}

/** Asks the daemon what it can do. Throws AppError. */
export async function probeDaemon(client: OciClient, endpoint: Endpoint): Promise<Probed> {
  const answer: unknown = await client.call('describe itself', (docker, signal) => getJson(docker, '/info', signal), {
    timeoutMs: PROBE_TIMEOUT_MS,
  });
  const parsed = infoSchema.safeParse(answer);
  if (!parsed.success) {
    throw new AppError('engine_unavailable', `What answers at ${endpoint.url} is not a Docker daemon`);
  }
  const info = parsed.data;
  if (info.OSType !== 'linux') {
    throw new AppError('engine_unavailable', 'This Docker daemon runs Windows containers', {
      hint: 'Switch Docker Desktop to Linux containers',
    });
  }
  const options = info.SecurityOptions ?? [];
  const security = options.map((option) => option.replace(/^name=/, '').split(',')[0] ?? '');
  const rootless = security.includes('rootless');
  const can: DaemonAbilities = {
    memory: info.MemoryLimit,
    swap: info.SwapLimit || (client.local && hasNoSwap()),
    cpu: info.CpuCfsPeriod && info.CpuCfsQuota,
    cores: info.NCPU,
    pids: info.PidsLimit,
    freezer: !rootless || info.CgroupVersion === '2',
    local: client.local,
    // The default profile of all containers is told as `name=seccomp,profile=…`.
    seccomp: options.some((option) => /(?:^|=)seccomp(?:,|$)/.test(option) && !option.includes('unconfined')),
  };
  const { capabilities, runtimes, facts } = await findRuntimes(client, endpoint, info, capabilitiesOf(can));
  return {
    traits: {
      offer: { capabilities, runtimes },
      rootless,
      swapLimit: info.SwapLimit,
      pidsLimit: info.PidsLimit,
      privateCgroups: hasPrivateCgroups(info, client.local),
    },
    report: {
      kind: 'docker',
      status: 'available',
      version: info.ServerVersion,
      reason: null,
      hint: null,
      capabilities,
      runtimes,
      facts: {
        socket: endpoint.url,
        from: endpoint.origin,
        system: info.OperatingSystem,
        cgroup: `v${info.CgroupVersion}, ${info.CgroupDriver}`,
        storage: info.Driver,
        runtime: info.DefaultRuntime,
        security: security.join(', ') || 'none',
        ...(rootless ? { rootless: 'yes' } : {}),
        ...facts,
      },
    },
  };
}

/** Engine 20.10 (API 1.41) brought the setting. With cgroup v1 it is the kernel that must have namespaces for it. */
function hasPrivateCgroups({ ServerVersion, CgroupVersion }: z.infer<typeof infoSchema>, local: boolean): boolean {
  const [major = 0, minor = 0] = ServerVersion.split('.').map((part) => Number.parseInt(part, 10) || 0);
  if (major < 20 || (major === 20 && minor < 10)) return false;
  return CgroupVersion === '2' || (local && existsSync('/proc/self/ns/cgroup'));
}

function hasNoSwap(): boolean {
  const swaps = process.platform === 'linux' ? readKernelFile('/proc/swaps') : null;
  return swaps !== null && swaps.trim().split('\n').length <= 1;
}

/** Why there is no Docker, and what exactly to do about it. */
export function unavailableReport(error: AppError, endpoint: Endpoint | null, sources: EndpointSources): EngineReport {
  const { reason, hint, status } = explain(error, endpoint, sources);
  return {
    kind: 'docker',
    status,
    version: null,
    reason,
    hint,
    capabilities: capabilitiesOf(usualAbilities),
    runtimes: [],
    facts: endpoint ? { socket: endpoint.url, from: endpoint.origin } : {},
  };
}

interface Explanation {
  readonly status: 'missing' | 'unreachable';
  readonly reason: string;
  readonly hint: string | null;
}

function explain(error: AppError, endpoint: Endpoint | null, sources: EndpointSources): Explanation {
  const mac = sources.platform === 'darwin';
  const socket = endpoint?.url.startsWith('unix://') ? endpoint.url.slice(7) : null;
  if (error.details?.reason === 'denied') {
    return {
      status: 'unreachable',
      reason: `This user may not use Docker’s socket ${socket ?? ''}`.trim(),
      hint: 'Add yourself to the docker group: sudo usermod -aG docker "$USER", then log out and in again',
    };
  }
  if (socket !== null && !existsSync(socket)) {
    if (endpoint?.origin === 'default' && !isInstalled(sources)) {
      return {
        status: 'missing',
        reason: 'Docker is not installed',
        hint: mac
          ? 'Install Docker Desktop, or: brew install colima docker && colima start'
          : 'Debian and Ubuntu: sudo apt-get install docker.io; other systems: install Docker Engine',
      };
    }
    return {
      status: 'unreachable',
      reason: `Docker’s daemon is not running: there is no ${socket}${from(endpoint)}`,
      hint: startHint(mac),
    };
  }
  if (socket !== null && error.code === 'engine_unavailable' && error.hint?.startsWith('Terrarium connects')) {
    return {
      status: 'unreachable',
      reason: `Docker’s daemon does not answer at ${socket}${from(endpoint)}`,
      hint: startHint(mac),
    };
  }
  return {
    status: 'unreachable',
    reason: endpoint ? `${error.message} (${endpoint.url}${from(endpoint)})` : error.message,
    hint: error.hint ?? null,
  };
}

const from = (endpoint: Endpoint | null) =>
  endpoint && endpoint.origin !== 'default' ? `, named by ${endpoint.origin}` : '';

const startHint = (mac: boolean) =>
  mac ? 'Start Docker Desktop (or: colima start)' : 'Start it: sudo systemctl start docker, or start Docker Desktop';

function isInstalled({ env, platform }: EndpointSources): boolean {
  const names = platform === 'win32' ? ['docker.exe'] : ['docker', 'dockerd'];
  const extra = ['/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return names.some((name) => findProgram(name, { path: env.PATH ?? '', extra }) !== null);
}
