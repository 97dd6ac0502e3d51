import type { IncomingMessage } from 'node:http';
import { WEB_KEY_HEADER } from '../../../shared/contract/web-access.ts';
import type { Auth } from './auth.ts';

export { WEB_PROTOCOL as PROTOCOL } from '../../../shared/contract/web-access.ts';

/** Cookies ignore ports: without the port in the name, two hosts on one machine would overwrite each other's. */
export const cookieName = (port: number) => `terrarium-session-${port}`;

export interface Guard {
  /** Exact allow-list: refuses other names for this machine (DNS rebinding) and other pages. */
  readonly isKnownPlace: (request: IncomingMessage) => boolean;
  readonly hasBearer: (request: IncomingMessage) => boolean;
  /** Whether a page's cookie and key (in the header `X-Terrarium-Key`) are still good. */
  readonly isSession: (request: IncomingMessage) => boolean;
  /** A browser with cookie and key from an allowed origin, or a script with the bearer token. */
  readonly mayConnect: (request: IncomingMessage) => boolean;
}

export function createGuard(auth: Auth, port: () => number): Guard {
  // Browsers leave out the scheme's own port.
  const suffix = () => (port() === 80 ? '' : `:${port()}`);
  const hosts = () => ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}${suffix()}`);

  function isKnownPlace({ headers }: IncomingMessage): boolean {
    if (!headers.host || !hosts().includes(headers.host)) return false;
    // The origin must be the very place that was called, not just another allowed name.
    return headers.origin === undefined || headers.origin === `http://${headers.host}`;
  }

  function hasBearer({ headers }: IncomingMessage): boolean {
    const [scheme, token] = (headers.authorization ?? '').split(' ');
    return scheme === 'Bearer' && token !== undefined && auth.isBearer(token);
  }

  function hasSession({ headers }: IncomingMessage, key: string | undefined): boolean {
    // Every browser names its origin here; without one it is no browser and needs the bearer token.
    if (headers.origin === undefined) return false;
    const cookie = readCookie(headers.cookie, cookieName(port()));
    return cookie !== undefined && key !== undefined && auth.isSession(cookie, key);
  }

  return {
    isKnownPlace,
    hasBearer,
    mayConnect: (request) => isKnownPlace(request) && (hasBearer(request) || hasSession(request, protocolKey(request))),
    isSession: (request) => hasSession(request, headerKey(request)),
  };
}

/** A browser's WebSocket takes no headers; a second protocol name is the only place for a key. */
function protocolKey({ headers }: IncomingMessage): string | undefined {
  return headers['sec-websocket-protocol']?.split(',')[1]?.trim();
}

function headerKey({ headers }: IncomingMessage): string | undefined {
  const key = headers[WEB_KEY_HEADER];
  return typeof key === 'string' ? key : undefined;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=');
    if (key === name) return value;
  }
  return undefined;
}
