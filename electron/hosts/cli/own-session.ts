import { createRouterClient } from '@orpc/server';
import { handlerOptions } from '../../rpc/options.ts';
import type { Client } from '../client/connection.ts';
import { openHost } from '../open-host.ts';
import type { Session } from './session.ts';

/** With a host in this very process, which ends with the session. Throws `conflict` when another one has the state folder. */
export async function openOwnSession(path: string, version: string): Promise<Session> {
  const { home, log, host } = openHost(path, { kind: 'web', version });
  const client: Client = createRouterClient(host.router, {
    context: {},
    interceptors: handlerOptions(log).clientInterceptors,
  });
  // What the engines have is known once each was looked at.
  for await (const reports of await client.engines.watch({})) {
    if (reports.every(({ status }) => status !== 'unknown')) break;
  }
  return {
    client,
    async close() {
      await host.dispose();
      home.release();
    },
  };
}
