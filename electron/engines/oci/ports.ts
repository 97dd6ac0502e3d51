import { bindError, type ChosenPorts, choosePorts, portKey } from '../../lib/ports.ts';
import type { CreateRequest } from '../engine.ts';
import type { OciClient } from './client.ts';
import { labels } from './labels.ts';

export function allocatePorts(client: OciClient, { spec, portRange }: CreateRequest): Promise<ChosenPorts> {
  return choosePorts({
    requests: spec.ports,
    range: portRange,
    taken: () => portsOfContainers(client),
    // On a remote daemon's machine nothing can be bound from here; its own refusal at start must do. And a port
    // that this user may not bind (below 1024) the daemon may.
    isFree: async (port) => !client.local || (await bindError(port)) !== 'EADDRINUSE',
  });
}

/** Ports that containers publish now, and those that ours will publish when they are started again. */
async function portsOfContainers(client: OciClient): Promise<ReadonlySet<string>> {
  const containers = await client.call('list its containers', (docker, abortSignal) =>
    docker.listContainers({ all: true, abortSignal }),
  );
  const taken = new Set<string>();
  for (const container of containers) {
    for (const { PublicPort, Type } of container.Ports) {
      if (PublicPort) taken.add(portKey({ hostPort: PublicPort, protocol: Type === 'udp' ? 'udp' : 'tcp' }));
    }
    for (const key of (container.Labels[labels.hostPorts] ?? '').split(',')) if (key) taken.add(key);
  }
  return taken;
}
