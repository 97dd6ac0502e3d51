import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { AppError } from '../../../shared/model/error.ts';
import type { PortRequest } from '../../../shared/model/spec.ts';
import type { CreateRequest } from '../engine.ts';
import type { OciClient } from './client.ts';
import { labels } from './labels.ts';

export interface AssignedPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hostPort: number;
}

/** Host ports of sandboxes that are being created: not yet anywhere else to be seen. */
export interface PortAllocator {
  /** Chooses, and keeps the choice from others until `release`. */
  readonly allocate: (client: OciClient, request: CreateRequest) => Promise<Allocation>;
}

export interface Allocation {
  readonly ports: readonly AssignedPort[];
  readonly release: () => void;
}

const keyOf = (hostPort: number, protocol: string) => `${hostPort}/${protocol}`;

export function hostPortKeys(ports: readonly AssignedPort[]): readonly string[] {
  return ports.map(({ hostPort, protocol }) => keyOf(hostPort, protocol));
}

export function createPortAllocator(): PortAllocator {
  const reserved = new Set<string>();

  return {
    async allocate(client, { spec, portRange }) {
      if (spec.ports.length === 0) return { ports: [], release: () => undefined };
      const taken = await portsOfContainers(client);
      const mine: string[] = [];
      const release = () => {
        for (const key of mine) reserved.delete(key);
      };
      // On a remote daemon's machine nothing can be bound from here; its own refusal at start must do.
      const isFree = async (hostPort: number, protocol: 'tcp' | 'udp') => {
        const key = keyOf(hostPort, protocol);
        if (taken.has(key) || reserved.has(key)) return false;
        reserved.add(key);
        if (!client.local || (await canBind(hostPort, protocol))) {
          mine.push(key);
          return true;
        }
        reserved.delete(key);
        return false;
      };
      const choose = async (wanted: PortRequest, index: number): Promise<number> => {
        if (wanted.hostPort !== undefined) {
          if (await isFree(wanted.hostPort, wanted.protocol)) return wanted.hostPort;
          throw new AppError('conflict', `Port ${wanted.hostPort} on this machine is already in use`, {
            hint: 'Choose another host port, or leave it empty to have a free one chosen',
            details: { field: `ports.${index}.hostPort`, hostPort: wanted.hostPort },
          });
        }
        for (let hostPort = portRange.first; hostPort <= portRange.last; hostPort += 1) {
          if (await isFree(hostPort, wanted.protocol)) return hostPort;
        }
        throw new AppError('conflict', `No port is free between ${portRange.first} and ${portRange.last}`, {
          hint: 'Destroy sandboxes that are not needed, or widen the port range in the settings',
          details: { field: `ports.${index}`, first: portRange.first, last: portRange.last },
        });
      };

      try {
        const ports: AssignedPort[] = [];
        // Ports asked for by number first, so that no chosen one takes them away.
        const order = [...spec.ports.entries()].sort(
          ([, a], [, b]) => Number(b.hostPort !== undefined) - Number(a.hostPort !== undefined),
        );
        for (const [index, wanted] of order) {
          ports.push({ port: wanted.port, protocol: wanted.protocol, hostPort: await choose(wanted, index) });
        }
        return { ports, release };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** Ports that containers publish now, and those that ours will publish when they are started again. */
async function portsOfContainers(client: OciClient): Promise<ReadonlySet<string>> {
  const containers = await client.call('list its containers', (docker, abortSignal) =>
    docker.listContainers({ all: true, abortSignal }),
  );
  const taken = new Set<string>();
  for (const container of containers) {
    for (const { PublicPort, Type } of container.Ports) if (PublicPort) taken.add(keyOf(PublicPort, Type));
    for (const key of (container.Labels[labels.hostPorts] ?? '').split(',')) if (key) taken.add(key);
  }
  return taken;
}

/**
 * Asks the kernel, which alone knows: whether 127.0.0.1 can be bound, and released again. Only "in
 * use" counts as taken: a port that this user may not bind (below 1024) the daemon may.
 */
export function canBind(port: number, protocol: 'tcp' | 'udp'): Promise<boolean> {
  const isFree = (error: NodeJS.ErrnoException) => error.code !== 'EADDRINUSE';
  return new Promise((resolve) => {
    if (protocol === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', (error) => socket.close(() => resolve(isFree(error))));
      socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => socket.close(() => resolve(true)));
      return;
    }
    const server = createServer();
    server.once('error', (error) => resolve(isFree(error)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
