import { FILE_PIECE_MAX } from '../../../shared/contract/files.ts';
import type { Client } from './connection.ts';

/** Bytes of a piece that is sent. */
const PIECE = Math.min(1024 * 1024, (FILE_PIECE_MAX / 4) * 3);

export interface Sending {
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (bytes: number) => void;
}

/** Sends all of it for a write that was begun, and finishes that; what fails is cancelled. An abort rejects with the reason. */
export async function sendPieces(
  client: Client,
  writeId: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { signal, onSent }: Sending = {},
): Promise<void> {
  try {
    for await (const piece of joined(bytes)) {
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
async function* joined(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + PIECE - size);
      waiting.push(part);
      size += part.byteLength;
      at += part.byteLength;
      if (size < PIECE) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(waiting);
}
