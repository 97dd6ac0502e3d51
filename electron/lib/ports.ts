import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { AppError } from '../../shared/model/error.ts';
import type { PortBinding } from '../../shared/model/sandbox.ts';
import type { PortRequest } from '../../shared/model/spec.ts';
import { createKeyedLock } from './keyed-lock.ts';

/** A port on this machine for one inside a sandbox. */
export type ChosenPort = Pick<PortBinding, 'port' | 'protocol' | 'hostPort'>;
type HostPort = Pick<PortBinding, 'hostPort' | 'protocol'>;

/** e.g. `8080/tcp`. */
export const portKey = ({ hostPort, protocol }: HostPort): string => `${hostPort}/${protocol}`;

/** Ports of sandboxes that are being created, of whatever engine: not yet anywhere else to be seen. */
const reserved = new Set<string>();
/** One chooses after another, so that what is reserved before the records are asked is all that they may not have yet. */
const lock = createKeyedLock();

export interface ChosenPorts extends Disposable {
  readonly ports: readonly ChosenPort[];
}

interface Wanted {
  readonly requests: readonly PortRequest[];
  /** Where those without a number come from, both ends included. */
  readonly range: { readonly first: number; readonly last: number };
  /** The keys that are on record. */
  readonly taken: () => Promise<ReadonlySet<string>>;
  readonly isFree: (port: HostPort) => Promise<boolean>;
}

/**
 * Chooses a port of this machine for each that is asked for, in the order of `requests`, and keeps them from
 * others until it is disposed of: by then they must be on record. Throws `conflict`.
 */
export function choosePorts(wanted: Wanted): Promise<ChosenPorts> {
  if (wanted.requests.length === 0) return Promise.resolve({ ports: [], [Symbol.dispose]: () => undefined });
  return lock.run('ports', () => choose(wanted));
}

async function choose({ requests, range, taken, isFree }: Wanted): Promise<ChosenPorts> {
  const pending = [...reserved];
  const others = new Set([...pending, ...(await taken())]);
  const mine = new Set<string>();
  const take = async (port: HostPort) => {
    const key = portKey(port);
    if (others.has(key) || mine.has(key) || !(await isFree(port))) return false;
    mine.add(key);
    return true;
  };
  const portFor = async ({ hostPort: wanted, protocol }: PortRequest, index: number) => {
    const { first, last } = wanted === undefined ? range : { first: wanted, last: wanted };
    for (let hostPort = first; hostPort <= last; hostPort += 1) if (await take({ hostPort, protocol })) return hostPort;
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
  const chosen = new Map<number, ChosenPort>();
  // Those asked for by number first, so that no other takes them away.
  const isOpen = ([, { hostPort }]: readonly [number, PortRequest]) => Number(hostPort === undefined);
  for (const [index, request] of [...requests.entries()].toSorted((a, b) => isOpen(a) - isOpen(b))) {
    const { port, protocol } = request;
    chosen.set(index, { port, protocol, hostPort: await portFor(request, index) });
  }
  for (const key of mine) reserved.add(key);
  return {
    ports: requests.flatMap((_, index) => chosen.get(index) ?? []),
    [Symbol.dispose]() {
      for (const key of mine) reserved.delete(key);
    },
  };
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
