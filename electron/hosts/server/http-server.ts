import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import sirv from 'sirv';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { toAppError } from '../../lib/error-reference.ts';
import type { Log } from '../../lib/log.ts';
import { pageHeaders } from '../page-headers.ts';
import { fail, failConnection, sendJson } from './answers.ts';
import type { HttpApi } from './api/http-api.ts';
import { API } from './api/path.ts';
import { type Auth, SESSION_LIFETIME_MS } from './auth.ts';
import { cookieName, createGuard, PROTOCOL } from './guard.ts';
import {
  endlessHeaders,
  foreign,
  noSession,
  notBuilt,
  notFound,
  tooMany,
  tooSlow,
  unreadable,
  usedLink,
  wrongToken,
} from './refusals.ts';

export interface WebServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface WebServerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** The built page. */
  readonly pageFolder: string;
  readonly auth: Auth;
  readonly onSocket: (socket: WebSocket) => void;
  readonly log: Log;
  /** Asked for with the first request to it: a page alone needs nothing of it. */
  readonly api: () => Promise<HttpApi>;
}

/** The longest message: standard input of an exec is the largest thing in the contract. */
export const LARGEST_MESSAGE = 24 * 1024 * 1024;
const LARGEST_BODY = 4096;
const MOST_SOCKETS = 64;

const redeemSchema = z.strictObject({ token: z.string().min(1).max(128) });

/** Serves the page and its WebSocket on loopback only. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { port, pageFolder, auth, onSocket, api, log } = options;
  let boundPort = port;
  const guard = createGuard(auth, () => boundPort);
  let page: ReturnType<typeof sirv> | null = null;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  });

  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    if (!guard.isKnownPlace(request)) return fail(response, 403, foreign);
    const path = pathOf(request);
    if (path === '/auth' && request.method === 'POST') return redeem(request, response);
    if (path === '/auth/link' && request.method === 'POST') return newLink(request, response);
    if (path === '/auth/check' && request.method === 'POST') return check(request, response);
    if (path === API || path?.startsWith(`${API}/`))
      return (await api()).serve(request, response, guard.hasBearer(request));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return fail(response, 405, new AppError('unsupported', `This is to be read, not for ${request.method}`));
    }
    // Scripts need none, and a checkout that was never started has none yet.
    if (existsSync(pageFolder)) page ??= sirv(pageFolder, { etag: true });
    if (!page) return fail(response, 404, notBuilt);
    page(request, response, () => fail(response, 404, notFound));
  };

  async function redeem(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = await readJson(request);
    if (json === undefined) return fail(response, 400, unreadable);
    const body = redeemSchema.safeParse(json);
    const grant = body.success && request.headers.origin !== undefined ? auth.redeem(body.data.token) : null;
    if (!grant) return fail(response, 401, usedLink);
    response.setHeader(
      'Set-Cookie',
      `${cookieName(boundPort)}=${grant.cookie}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_LIFETIME_MS / 1000}`,
    );
    sendJson(response, 200, { key: grant.key });
  }

  /** For a second `npm start`: the running host makes a fresh link for whoever can read the state file. */
  function newLink(request: IncomingMessage, response: ServerResponse): void {
    if (guard.hasBearer(request)) sendJson(response, 200, { token: auth.newLinkToken() });
    else fail(response, 401, wrongToken);
  }

  /** A browser is not told why its WebSocket was refused: here the page can ask. */
  function check(request: IncomingMessage, response: ServerResponse): void {
    if (guard.isSession(request)) sendJson(response, 200, {});
    else fail(response, 401, noSession);
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!guard.isKnownPlace(request)) return failConnection(socket, 403, foreign);
    if (pathOf(request) !== '/rpc') return failConnection(socket, 404, notFound);
    if (!guard.mayConnect(request)) return failConnection(socket, 401, wrongToken);
    if (sockets.clients.size >= MOST_SOCKETS) return failConnection(socket, 503, tooMany(MOST_SOCKETS));
    sockets.handleUpgrade(request, socket, head, onSocket);
  };

  const listen = async (address: string): Promise<Server> => {
    // Without a host's name it is not known, which is answered like any other that is not.
    const server = createServer({ requireHostHeader: false }, (request, response) => {
      onRequest(request, response).catch((error: unknown) => {
        fail(response, 500, toAppError(error, log));
      });
    });
    server.on('upgrade', onUpgrade);
    server.on('clientError', refuseNonsense);
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    // A script that thinks for a while would else ask on a connection that is just closed.
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: boundPort, host: address, ipv6Only: true }, resolve);
    });
    return server;
  };

  const first = await listen('127.0.0.1');
  boundPort = (first.address() as AddressInfo).port;
  const servers = [first];
  try {
    servers.push(await listen('::1'));
  } catch (error) {
    if (!isMissingIpv6(error)) {
      first.close();
      throw error;
    }
  }

  return {
    port: boundPort,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

/** What is no HTTP, has headers without end, or does not come to its end. */
function refuseNonsense(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET') return void socket.destroy();
  const [status, problem] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, endlessHeaders]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, tooSlow]
        : [400, unreadable];
  failConnection(socket, status, problem);
}

/** This machine has no IPv6 loopback, or another program holds the port there. */
function isMissingIpv6(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EADDRINUSE'].includes(String(error.code))
  );
}

/** Null for what is no path: `//` alone makes the URL parser throw, and nobody may end the host by asking for it. */
function pathOf(request: IncomingMessage): string | null {
  return URL.parse(request.url ?? '/', 'http://localhost')?.pathname ?? null;
}

/** Undefined for what is too large or no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LARGEST_BODY) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
