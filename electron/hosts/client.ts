import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { Client } from './client/connection.ts';

export type { Client } from './client/connection.ts';

export interface Connection {
  readonly client: Client;
  readonly close: () => void;
}

const CONNECT_MS = 10_000;

/** A program's connection to a web host: the bearer token, no browser. */
export async function connect(port: number, token: string): Promise<Connection> {
  const websocket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { Authorization: `Bearer ${token}` } });
  // See LONG in rpc-socket.ts.
  websocket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    websocket.addEventListener('open', () => resolve(), { once: true });
    websocket.addEventListener('error', () => reject(new Error('the connection was refused')), { once: true });
    AbortSignal.timeout(CONNECT_MS).addEventListener('abort', () => reject(new Error('the host does not answer')));
  });
  return { client: createORPCClient<Client>(new RPCLink({ websocket })), close: () => websocket.close() };
}
