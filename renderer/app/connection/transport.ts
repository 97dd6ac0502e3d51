import type { ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { DESKTOP_PORT } from '../../../shared/contract/desktop-port.ts';
import { WEB_KEY_HEADER, WEB_PROTOCOL } from '../../../shared/contract/web-access.ts';

export type Link = ClientLink<Record<never, never>>;

/** One living connection to the host. */
export interface Wire {
  readonly link: Link;
  readonly isOpen: () => boolean;
  /** Resolves when it is lost or closed. Never rejects. */
  readonly closed: Promise<void>;
  readonly close: () => void;
}

/** The host does not know this page: it must be opened from its link. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Connects once. Rejects with RefusedError when trying again is of no use, with anything else when it is. */
export type Transport = (signal: AbortSignal) => Promise<Wire>;

/** Where the page keeps its key: the second half of what lets it in, beside the HttpOnly cookie. */
const KEY = 'terrarium.key';

const inAddress = (name: 'token' | 'at') => new URLSearchParams(location.hash.slice(1)).get(name);

/** Gives the one-time token of the page's link to the host, which sets a cookie and answers with a key. */
async function handOverToken(authUrl: string): Promise<void> {
  const token = inAddress('token');
  if (token === null) return;
  // Taken out of the address first: it must not stay in the history, whatever the answer is. What the link leads to stays.
  const place = inAddress('at');
  history.replaceState(null, '', `${location.pathname}${location.search}${place === null ? '' : `#${place}`}`);
  const answer = await fetch(authUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  // A link that was used before may still find the key that it gave then.
  if (!answer.ok) return;
  const body: unknown = await answer.json();
  if (typeof body === 'object' && body !== null && 'key' in body && typeof body.key === 'string') {
    localStorage.setItem(KEY, body.key);
  }
}

export function createWebTransport(): Transport {
  const authUrl = new URL('/auth', location.href).href;
  const socketUrl = new URL('/rpc', location.href.replace(/^http/, 'ws'));
  socketUrl.hash = '';
  const checkUrl = new URL('/auth/check', location.href).href;
  // A fresh link that is opened over this page changes the fragment only.
  window.addEventListener('hashchange', () => {
    if (inAddress('token') !== null) location.reload();
  });

  /** A WebSocket tells nothing of why it was refused, so the host is asked. */
  async function throwIfRefused(key: string): Promise<void> {
    const { status } = await fetch(checkUrl, { method: 'POST', headers: { [WEB_KEY_HEADER]: key } });
    if (status === 401) throw new RefusedError();
  }

  return async (signal) => {
    await handOverToken(authUrl);
    signal.throwIfAborted();
    const key = localStorage.getItem(KEY);
    if (key === null) throw new RefusedError();
    const socket = new WebSocket(socketUrl, [WEB_PROTOCOL, key]);
    // Long messages come as bytes; a Blob's would only be read later, behind shorter ones.
    socket.binaryType = 'arraybuffer';
    const link = new SocketLink({ websocket: socket });
    const closed = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve(), { once: true }));
    const close = () => socket.close();
    signal.addEventListener('abort', close, { once: true });
    const opened = await Promise.race([
      new Promise<boolean>((resolve) => socket.addEventListener('open', () => resolve(true), { once: true })),
      closed.then(() => false),
    ]);
    if (!opened) {
      await throwIfRefused(key);
      throw new Error('The host does not answer.');
    }
    return { link, isOpen: () => socket.readyState === WebSocket.OPEN, closed, close };
  };
}

/** The desktop's preload posts a MessagePort, at the start and again after the host was lost. */
export function createDesktopTransport(): Transport {
  const waiting: ((port: MessagePort) => void)[] = [];
  const ports: MessagePort[] = [];
  window.addEventListener('message', (event) => {
    const port = event.ports[0];
    if (event.source !== window || event.data !== DESKTOP_PORT || !port) return;
    const next = waiting.shift();
    if (next) next(port);
    else ports.push(port);
  });

  return async () => {
    const port = ports.pop() ?? (await new Promise<MessagePort>((resolve) => waiting.push(resolve)));
    let open = true;
    const closed = new Promise<void>((resolve) => {
      const onClose = () => {
        open = false;
        resolve();
      };
      // Before the link's own listener, so that calls that fail by it see a closed wire.
      port.addEventListener('close', onClose, { once: true });
    });
    const link = new PortLink({ port });
    port.start();
    return { link, isOpen: () => open, closed, close: () => port.close() };
  };
}

export function createTransport(): Transport {
  return location.protocol === 'app:' ? createDesktopTransport() : createWebTransport();
}
