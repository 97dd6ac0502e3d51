import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '../../../shared/model/error.ts';
import type { PortBinding } from '../../../shared/model/sandbox.ts';
import type { CreateRequest } from '../engine.ts';

const keyOf = ({ hostPort, protocol }: Pick<PortBinding, 'hostPort' | 'protocol'>) => `${hostPort}/${protocol}`;

/**
 * Chooses a port of this machine's loopback for each that a spec publishes, for the sandbox's whole
 * life. `taken`: those of other sandboxes, running or not. Throws `conflict`.
 */
export async function assignPorts(
  { spec, portRange }: Pick<CreateRequest, 'spec' | 'portRange'>,
  taken: readonly PortBinding[],
): Promise<PortBinding[]> {
  const used = new Set(taken.map(keyOf));
  const isFree = async (hostPort: number, protocol: PortBinding['protocol']) => {
    const key = keyOf({ hostPort, protocol });
    if (used.has(key) || !(await canBind(hostPort, protocol))) return false;
    used.add(key);
    return true;
  };
  const chosen: PortBinding[] = [];
  for (const [index, { port, hostPort: wanted, protocol }] of spec.ports.entries()) {
    const { first, last } = wanted === undefined ? portRange : { first: wanted, last: wanted };
    let hostPort = first;
    while (hostPort <= last && !(await isFree(hostPort, protocol))) hostPort += 1;
    if (hostPort > last) {
      const what =
        first === last
          ? `Port ${first} on this machine is already in use`
          : `No port is free between ${first} and ${last}`;
      throw new AppError('conflict', `${what}.`, {
        hint: 'Choose another host port, or leave it empty to have a free one chosen.',
        details: { field: `ports.${index}` },
      });
    }
    chosen.push({ port, hostIp: '127.0.0.1', hostPort, protocol });
  }
  return chosen;
}

async function canBind(port: number, protocol: PortBinding['protocol']): Promise<boolean> {
  const socket = protocol === 'tcp' ? createServer() : createSocket('udp4');
  try {
    const listening = once(socket, 'listening');
    if ('listen' in socket) socket.listen(port, '127.0.0.1');
    else socket.bind(port, '127.0.0.1');
    await listening;
  } catch {
    return false; // in use, or not for this user
  }
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return true;
}
