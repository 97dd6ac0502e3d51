import { connect as connectTcp, type Socket } from 'node:net';
import { RPCLink } from '@orpc/client/websocket';
import WebSocket from 'ws';
import { AppError } from '../../../shared/model/error.ts';

/** One WebSocket to a host. */
export interface Wire {
  readonly link: RPCLink<Record<never, never>>;
  readonly isOpen: () => boolean;
  /** While it is held the process does not end by itself; each `hold` wants a `release`. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly close: () => void;
}

export interface Address {
  readonly port: number;
  readonly token: string;
}

export interface HostAddress extends Address {
  /** The state folder that says so; undefined where the caller does. */
  readonly home?: string;
}

const CONNECT_MS = 10_000;

/** Throws `disconnected` where nobody takes the connection, and `denied` for a wrong token. */
export async function openWire({ port, token, home }: HostAddress): Promise<Wire> {
  let socket: Socket | undefined;
  const websocket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, {
    headers: { Authorization: `Bearer ${token}` },
    handshakeTimeout: CONNECT_MS,
    perMessageDeflate: false,
    // Ours to hold and to release.
    createConnection: () => {
      socket = connectTcp({ host: '127.0.0.1', port });
      return socket;
    },
  });
  // A Blob would be read behind the messages after it.
  websocket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    websocket.once('open', resolve);
    websocket.once('unexpected-response', (_request, { statusCode }) => {
      reject(refusal(statusCode, home));
      websocket.terminate();
    });
    // Stays: without a listener an `error` would end the process. A lost connection is told by what waits for it.
    websocket.on('error', (cause) =>
      reject(new AppError('disconnected', 'Terrarium’s host does not answer', { hint: START, cause })),
    );
  });
  let held = 0;
  socket?.unref();
  return {
    // What it uses of a browser's WebSocket this one has too; only its types are others.
    link: new RPCLink({ websocket: websocket as unknown as globalThis.WebSocket }),
    isOpen: () => websocket.readyState === WebSocket.OPEN,
    hold() {
      held += 1;
      if (held === 1) socket?.ref();
    },
    release() {
      held -= 1;
      if (held === 0) socket?.unref();
    },
    close: () => websocket.close(),
  };
}

export const START = 'Start it with: terrarium serve --detach, or open the app with: npm start';

function refusal(status: number | undefined, home: string | undefined): AppError {
  if (status === 401 || status === 403) {
    return home === undefined
      ? new AppError('denied', 'Terrarium’s host does not take this token', {
          hint: 'Leave it out: it is read from the state folder.',
        })
      : new AppError('denied', 'Terrarium’s host does not accept the token of its state file', {
          hint: `If that host uses another state folder, remove host.json in ${home} and try again.`,
        });
  }
  return new AppError('disconnected', `Terrarium’s host does not take the connection (${status})`, {
    hint: 'It may have too many: close some, and try again.',
  });
}
