import { FILE_PIECE_MAX } from '../../../shared/contract/files.ts';
import type { Client } from './connection.ts';

/** Bytes of a piece that is sent. */
const PIECE = Math.min(1024 * 1024, (FILE_PIECE_MAX / 4) * 3);

/** Where no piece is full for so long, what there is goes, or an empty one: the host gives up whoever sends nothing. */
const QUIET_MS = 5_000;

export interface Sending {
  readonly quietMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (bytes: number) => void;
}

/** Sends all of it for a write that was begun, and finishes that; what fails is cancelled. An abort rejects with the reason. */
export async function sendPieces(
  client: Client,
  writeId: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { signal, onSent, quietMs = QUIET_MS }: Sending = {},
): Promise<void> {
  try {
    for await (const piece of joined(bytes, quietMs)) {
      signal?.throwIfAborted();
      await client.files.appendWrite({ writeId, base64: piece.toString('base64') });
      onSent?.(piece.byteLength);
    }
    signal?.throwIfAborted();
    await client.files.finishWrite({ writeId });
  } catch (error) {
    // What it failed with is what is told.
    await client.files.cancelWrite({ writeId }).catch(() => undefined);
    throw error;
  }
}

/** Each call takes its time: small ones go together, large ones in parts. */
async function* joined(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  quietMs: number,
): AsyncGenerator<Buffer> {
  const source = (async function* () {
    yield* bytes;
  })();
  let waiting: Uint8Array[] = [];
  let size = 0;
  const taken = () => {
    const piece = Buffer.concat(waiting);
    waiting = [];
    size = 0;
    return piece;
  };
  let next: Promise<IteratorResult<Uint8Array>> | null = null;
  let sentAt = performance.now();
  try {
    for (;;) {
      next ??= source.next();
      const left = sentAt + quietMs - performance.now();
      const came = left > 0 ? await within(next, left) : null;
      if (came === null) {
        yield taken();
        sentAt = performance.now();
        continue;
      }
      next = null;
      if (came.done) break;
      for (let at = 0; at < came.value.byteLength; ) {
        const part = came.value.subarray(at, at + PIECE - size);
        waiting.push(part);
        size += part.byteLength;
        at += part.byteLength;
        if (size < PIECE) continue;
        yield taken();
        sentAt = performance.now();
      }
    }
    if (size > 0) yield taken();
  } finally {
    const closed = source.return(undefined);
    // One that is waited for ends when it comes, which may be never; nobody asks for it any more.
    if (next) for (const late of [next, closed]) late.catch(() => undefined);
    else await closed;
  }
}

/** Null: it has not come in time. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), ms);
  try {
    return await Promise.race([coming, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
