import type { Duplex } from 'node:stream';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';

/** What a program said last comes a moment after its container has ended. */
const LAST_WORDS_MS = 500;

const open = new WeakMap<OciClient, Map<EngineRef, Set<Duplex>>>();

/** Remembers the stream of a command until it closes. */
export function rememberSession(client: OciClient, ref: EngineRef, socket: Duplex): void {
  const byRef = open.get(client) ?? new Map<EngineRef, Set<Duplex>>();
  open.set(client, byRef);
  const sockets = byRef.get(ref) ?? new Set();
  byRef.set(ref, sockets.add(socket));
  socket.once('close', () => {
    sockets.delete(socket);
    if (sockets.size === 0 && byRef.get(ref) === sockets) byRef.delete(ref);
  });
}

/**
 * A container has ended, and with it all that ran there. With gVisor the daemon then forgets commands
 * on a terminal without closing their streams, so what is still open is closed here.
 */
export function closeSessions(client: OciClient, ref: EngineRef): void {
  const sockets = open.get(client)?.get(ref);
  if (!sockets) return;
  const left = [...sockets];
  setTimeout(() => {
    for (const socket of left) socket.destroy();
  }, LAST_WORDS_MS).unref();
}
