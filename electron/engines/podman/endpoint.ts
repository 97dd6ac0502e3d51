import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { findProgram as findIn } from '../../lib/executable.ts';
import type { Endpoint } from '../oci/connection.ts';
import { findConnection } from './connections.ts';

export interface PodmanSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | null;
  /** Where the system's own settings lie; `/` when missing. */
  readonly root?: string;
}

/**
 * What the user has chosen: CONTAINER_HOST, else the connection of CONTAINER_CONNECTION, else the
 * default one of `podman system connection`. Null: nothing. Throws AppError for what cannot be used.
 */
export function configuredEndpoint(sources: PodmanSources): Endpoint | null {
  const { env } = sources;
  if (env.CONTAINER_HOST) return endpointOf(env.CONTAINER_HOST, 'CONTAINER_HOST');
  const connection = findConnection(sources);
  if (connection === null) return null;
  // Of a machine (a VM) of Podman's own: it is reached by the socket that it has on this side.
  if (sources.platform === 'darwin' && connection.url.startsWith('ssh://')) return null;
  return endpointOf(connection.url, `connection ${connection.name}`);
}

function endpointOf(address: string, origin: string): Endpoint {
  const url = address.startsWith('/') ? `unix://${address}` : address;
  if (!url.startsWith('ssh://')) return { url, origin, tls: null };
  const { host, pathname } = new URL(url);
  const local = '/tmp/podman-remote.sock';
  throw new AppError(
    'engine_unavailable',
    `Podman at ${url} (${origin}) is reached through ssh, which needs a tunnel`,
    {
      hint: `Open it with: ssh -nNT -L ${local}:${pathname} ${host} and set CONTAINER_HOST=unix://${local}`,
      details: { origin },
    },
  );
}

/** Sockets that Podman's packages and its machine make, the one to prefer first. Root has its own Podman. */
export function usualSockets({ env, home, platform, uid }: PodmanSources): readonly string[] {
  if (platform === 'darwin') {
    const machine = join(home, '.local/share/containers/podman/machine');
    return [
      ...(env.TMPDIR ? [join(env.TMPDIR, 'podman/podman-machine-default-api.sock')] : []),
      join(machine, 'podman.sock'),
      join(machine, 'podman-machine-default/podman.sock'),
      join(machine, 'qemu/podman.sock'),
    ];
  }
  return uid === 0 ? [ROOTFUL_SOCKET] : [join(runtimeFolder({ env, uid }), 'podman/podman.sock')];
}

export const ROOTFUL_SOCKET = '/run/podman/podman.sock';

function runtimeFolder({ env, uid }: Pick<PodmanSources, 'env' | 'uid'>): string {
  return env.XDG_RUNTIME_DIR || `/run/user/${uid ?? ''}`;
}

/** The podman program that can serve here. On macOS it only talks to its machine. */
export function findProgram({ env }: PodmanSources): string | null {
  return findOnPath('podman', env);
}

export function findOnPath(name: string, env: PodmanSources['env']): string | null {
  return findIn(name, { path: env.PATH ?? '', extra: ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'] });
}
