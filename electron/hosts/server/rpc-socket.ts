import { RPCHandler } from '@orpc/server/ws';
import type { WebSocket } from 'ws';
import type { Log } from '../../lib/log.ts';
import { handlerOptions } from '../../rpc/options.ts';
import type { Router } from '../../rpc/router.ts';

/** Bytes that may wait in a connection before its streams are held back. */
const HIGH_WATER = 1024 * 1024;
const PING_MS = 15_000;
/**
 * Longer messages go as bytes, which oRPC reads as it reads text: Chromium takes some 1.1 ms for
 * 50 KB of them and 1.5 ms for the same as a text message, which it checks and decodes more slowly.
 * A client must set `binaryType` to 'arraybuffer': a Blob would be read behind the messages after it.
 */
const LONG = 8 * 1024;

/** Serves the contract on one WebSocket after another. */
export function createRpcSockets(router: Router, log: Log): (socket: WebSocket) => void {
  const handler = new RPCHandler(router, handlerOptions(log));

  return (socket) => {
    // Without a listener an `error` would end the process.
    socket.on('error', (error) => log.warn({ err: error }, 'a connection failed'));
    keepAlive(socket);
    handler
      .upgrade({ addEventListener: socket.addEventListener.bind(socket), send: patientSend(socket) })
      .catch((error: unknown) => {
        log.error({ err: error }, 'a connection could not be served');
        socket.terminate();
      });
  };
}

/**
 * oRPC waits for what `send` returns before it takes the next item of a stream: a reader that is
 * slower than its stream holds the stream back instead of filling the host's memory.
 */
function patientSend(socket: WebSocket): WebSocket['send'] {
  return (message: Parameters<WebSocket['send']>[0]) => {
    const data = typeof message === 'string' && message.length > LONG ? Buffer.from(message) : message;
    if (socket.bufferedAmount < HIGH_WATER) {
      socket.send(data, ignoreClosed);
      return undefined;
    }
    return new Promise<void>((resolve) => {
      socket.send(data, () => resolve());
    });
  };
}

/** Without a callback `ws` would throw for a message to a closed socket; its `close` event says enough. */
const ignoreClosed = () => undefined;

/** Ends a connection whose other side is gone without a word, so that its streams are let go. */
function keepAlive(socket: WebSocket): void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, PING_MS);
  socket.on('close', () => clearInterval(timer));
}
