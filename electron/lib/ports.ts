import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { AppError } from '../../shared/model/error.ts';
import type { PortBinding } from '../../shared/model/sandbox.ts';
import type { PortRequest } from '../../shared/model/spec.ts';

/** A port on this machine for one inside a sandbox. */
export type ChosenPort = Pick<PortBinding, 'port' | 'protocol' | 'hostPort'>;
type HostPort = Pick<PortBinding, 'hostPort' | 'protocol'>;

/** e.g. `8080/tcp`. */
export const portKey = ({ hostPort, protocol }: HostPort): string => `${hostPort}/${protocol}`;

/** Ports of sandboxes that are being created, of whatever engine: not yet anywhere else to be seen. */
const reserved = new Set<string>();
/** Those of them that are on record by now. They stay while somebody chooses who may have asked before they were. */
const recorded = new Set<string>();
let choosing = 0;

function forgetRecorded(): void {
  if (choosing > 0) return;
  for (const key of recorded) reserved.delete(key);
  recorded.clear();
}

/**
 * Chooses a port of this machine for each that is asked for, in the order of `requests`, and keeps them from
 * others until it is disposed of: by then they must be on record. Throws `conflict`.
 * `range`: where those without a number come from, both ends included. `taken`: the keys that are on record.
 */
export async function choosePorts({
  requests,
  range,
  taken,
  isFree,
}: {
  readonly requests: readonly PortRequest[];
  readonly range: { readonly first: number; readonly last: number };
  readonly taken: () => Promise<ReadonlySet<string>>;
  readonly isFree: (port: HostPort) => Promise<boolean>;
}): Promise<Disposable & { readonly ports: readonly ChosenPort[] }> {
  const mine = new Set<string>();
  const release = () => {
    for (const key of mine) recorded.add(key);
    forgetRecorded();
  };
  const take = async (port: HostPort, others: ReadonlySet<string>) => {
    const key = portKey(port);
    if (others.has(key) || reserved.has(key)) return false;
    reserved.add(key);
    mine.add(key);
    if (await isFree(port)) return true;
    reserved.delete(key);
    mine.delete(key);
    return false;
  };
  const choose = async (request: PortRequest, index: number, others: ReadonlySet<string>) => {
    const { hostPort: wanted, protocol } = request;
    const { first, last } = wanted === undefined ? range : { first: wanted, last: wanted };
    for (let hostPort = first; hostPort <= last; hostPort += 1) {
      if (await take({ hostPort, protocol }, others)) return hostPort;
    }
    throw wanted === undefined
      ? new AppError('conflict', `No port is free between ${first} and ${last}`, {
          hint: 'Destroy sandboxes that are not needed, or widen the port range in the settings',
          details: { field: `ports.${index}`, first, last },
        })
      : new AppError('conflict', `Port ${wanted} on this machine is already in use`, {
          hint: 'Choose another host port, or leave it empty to have a free one chosen',
          details: { field: `ports.${index}.hostPort`, hostPort: wanted },
        });
  };
  choosing += 1;
  try {
    const others = await taken();
    const chosen = new Map<number, ChosenPort>();
    // Those asked for by number first, so that no other takes them away.
    const isOpen = ([, { hostPort }]: readonly [number, PortRequest]) => Number(hostPort === undefined);
    for (const [index, request] of [...requests.entries()].toSorted((a, b) => isOpen(a) - isOpen(b))) {
      const { port, protocol } = request;
      chosen.set(index, { port, protocol, hostPort: await choose(request, index, others) });
    }
    const ports = requests.flatMap((_, index) => chosen.get(index) ?? []);
    return { ports, [Symbol.dispose]: release };
  } catch (error) {
    release();
    throw error;
  } finally {
    choosing -= 1;
    forgetRecorded();
  }
}

/** Why 127.0.0.1 cannot be bound there (`EADDRINUSE`, `EACCES` …); null when it can. The kernel alone knows. */
export function bindError({ hostPort: port, protocol }: HostPort): Promise<string | null> {
  return new Promise((resolve) => {
    const refuse = ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown');
    if (protocol === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', (error) => socket.close(() => refuse(error)));
      socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => socket.close(() => resolve(null)));
      return;
    }
    const server = createServer();
    server.once('error', refuse);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(null)));
  });
}
