import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { APP_ERROR } from '../../../shared/contract/base.ts';
import type { Contract } from '../../../shared/contract/index.ts';
import { type AppErrorData, appErrorDataSchema } from '../../../shared/model/error.ts';

export type Client = ContractRouterClient<Contract>;

export interface Connection {
  readonly client: Client;
  readonly close: () => void;
}

/** A script's connection to a web host: the bearer token, no browser. */
export async function connect(port: number, token: string): Promise<Connection> {
  const websocket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { Authorization: `Bearer ${token}` } });
  // See LONG in rpc-socket.ts.
  websocket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    websocket.addEventListener('open', () => resolve(), { once: true });
    websocket.addEventListener('error', () => reject(new Error('the connection was refused')), { once: true });
  });
  return { client: createORPCClient<Client>(new RPCLink({ websocket })), close: () => websocket.close() };
}

/** What a call failed with; throws when it did not fail with an AppError. */
export async function failure(call: Promise<unknown>): Promise<AppErrorData> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ORPCError && error.code === APP_ERROR) return appErrorDataSchema.parse(error.data);
    throw error;
  }
  throw new Error('the call was expected to fail');
}
