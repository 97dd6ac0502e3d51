import { createRouterClient } from '@orpc/server';
import { handlerOptions } from '../../rpc/options.ts';
import type { Client } from '../client/connection.ts';
import { openHome } from '../home.ts';
import { createHost } from '../host.ts';
import { openLog } from '../log.ts';
import type { Session } from './session.ts';

/** With a host in this very process, which ends with the session. Throws `conflict` when another one has the state folder. */
export async function openOwnSession(path: string, version: string): Promise<Session> {
  const home = openHome(path);
  const log = openLog(path);
  const host = createHost({ kind: 'web', version, home, log });
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
