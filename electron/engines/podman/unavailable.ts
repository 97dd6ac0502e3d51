import { existsSync } from 'node:fs';
import type { EngineReport } from '../../../shared/model/engine.ts';
import type { AppError } from '../../../shared/model/error.ts';
import { readKernelFile } from '../../lib/cgroup.ts';
import type { Endpoint } from '../oci/connection.ts';
import { podmanCapabilities, usualPodman } from './capabilities.ts';
import type { PodmanSources } from './endpoint.ts';

/** Why there is no Podman, and what exactly to do about it. */
export function unavailableReport(error: AppError, endpoint: Endpoint | null, sources: PodmanSources): EngineReport {
  const { status, reason, hint } = explain(error, endpoint, sources);
  return {
    kind: 'podman',
    status,
    version: null,
    reason,
    hint,
    capabilities: podmanCapabilities(usualPodman),
    runtimes: [],
    facts: endpoint ? { socket: endpoint.url, from: endpoint.origin } : {},
  };
}

type Explanation = Pick<EngineReport, 'status' | 'reason' | 'hint'>;

function explain(error: AppError, endpoint: Endpoint | null, sources: PodmanSources): Explanation {
  if (endpoint === null && error.details?.reason === 'missing') {
    return { status: 'missing', reason: 'Podman is not installed', hint: installSteps(sources) };
  }
  const socket = endpoint?.url.startsWith('unix://') ? endpoint.url.slice(7) : null;
  if (error.details?.reason === 'denied') {
    return {
      status: 'unreachable',
      reason: `This user may not use Podman’s socket ${socket ?? ''}`.trim(),
      hint: 'Podman needs no root: have a socket of your own with: systemctl --user enable --now podman.socket',
    };
  }
  const silent = error.hint?.startsWith('Terrarium connects') ?? false;
  if (socket !== null && (silent || !existsSync(socket))) {
    const named = endpoint?.origin === 'default' ? '' : `, named by ${endpoint?.origin}`;
    return {
      status: 'unreachable',
      reason: `Podman does not answer at ${socket}${named}`,
      hint: startSteps(sources),
    };
  }
  return { status: 'unreachable', reason: error.message, hint: error.hint ?? null };
}

/** The socket unit starts the service whenever somebody connects. */
export function startSteps({ platform, uid }: Pick<PodmanSources, 'platform' | 'uid'>): string {
  if (platform === 'darwin') return 'Start its machine: podman machine start';
  return uid === 0
    ? 'Start it: systemctl enable --now podman.socket'
    : 'Start it: systemctl --user enable --now podman.socket';
}

export function installSteps(
  { platform }: Pick<PodmanSources, 'platform'>,
  release = readKernelFile('/etc/os-release') ?? '',
): string {
  if (platform === 'darwin') return 'brew install podman && podman machine init && podman machine start';
  const names = release.match(/^ID(?:_LIKE)?=.*$/gm)?.join(' ') ?? '';
  const apt = 'sudo apt-get install podman catatonit uidmap slirp4netns fuse-overlayfs';
  const dnf = 'sudo dnf install podman';
  if (/debian|ubuntu/.test(names)) return apt;
  if (/fedora|rhel|centos/.test(names)) return dnf;
  return `Debian and Ubuntu: ${apt}; Fedora: ${dnf}; other systems: install Podman 4 or later`;
}
