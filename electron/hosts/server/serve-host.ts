import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { Host } from '../host.ts';
import { createAuth } from './auth.ts';
import { LARGEST_MESSAGE, startWebServer, type WebServer, type WebServerOptions } from './http-server.ts';
import { createRpcSockets } from './rpc-socket.ts';
import { removeState, writeState } from './state-file.ts';

/** Where scripts and browsers find Terrarium again after a restart, when nobody else has taken it. */
const USUAL_PORT = 7411;

export interface ServeOptions {
  readonly host: Host;
  /** The state folder, which this process has. */
  readonly home: string;
  readonly log: Log;
  readonly version: string;
  /** The built page, for browsers. */
  readonly pageFolder: string;
  /** 0: any free one; undefined: the usual one, or any when that is taken. */
  readonly port: number | undefined;
}

/** A host that scripts and browsers of this machine can reach. */
export interface ServedHost {
  readonly port: number;
  /** A token that lets one browser in, for `linkTo`. */
  readonly newLinkToken: () => string;
  /** Ends all connections; nobody finds it any more. Before the host is disposed of. */
  readonly close: () => Promise<void>;
}

/**
 * Serves a host on loopback, to whoever has the token of the state file or a session, and writes that file. Throws
 * `invalid_input` for a port that cannot be had.
 */
export async function serveHost({ host, home, log, version, pageFolder, port }: ServeOptions): Promise<ServedHost> {
  const auth = createAuth(host.memory('web-sessions'));
  const server = await listen(port, {
    pageFolder,
    auth,
    log,
    onSocket: createRpcSockets(host.router, log),
    api: once(async () => {
      const { createHttpApi } = await import('./api/http-api.ts');
      return createHttpApi({ router: host.router, log, version, largestBody: LARGEST_MESSAGE });
    }),
  });
  try {
    await writeState(home, { pid: process.pid, port: server.port, token: auth.bearer });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    port: server.port,
    newLinkToken: auth.newLinkToken,
    async close() {
      await server.close();
      await removeState(home);
    },
  };
}

/** The port that was asked for, or the usual one, or (when that is taken) any free one. */
async function listen(port: number | undefined, options: Omit<WebServerOptions, 'port'>): Promise<WebServer> {
  try {
    return await startWebServer({ ...options, port: port ?? USUAL_PORT });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (port === undefined && code === 'EADDRINUSE') return startWebServer({ ...options, port: 0 });
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EADDRINUSE' ? 'is used by another program' : 'is kept for the system';
    throw new AppError('invalid_input', `Port ${port ?? USUAL_PORT} ${why}`, {
      hint: 'Give another number with --port, or leave it out.',
      cause: error,
    });
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
