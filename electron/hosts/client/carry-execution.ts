import type { Execution } from '../../../shared/contract/executions.ts';
import type { Client } from './connection.ts';
import { disconnected } from './failures.ts';

/** Bytes of output that may be on their way here. */
const OUTPUT_WINDOW = 1024 * 1024;
/** Acknowledged together. Less than the window, or both sides would wait. */
const ACKNOWLEDGED = OUTPUT_WINDOW / 4;
/** Bytes of a piece of input; as base64 it is within what one call takes. */
const INPUT_PIECE = 256 * 1024;

export type ExecutionRequest = Parameters<Client['executions']['run']>[0];

export interface Carrying {
  /** Missing: the command's input is at its end. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  readonly onStarted?: (id: string) => void;
  /** The command is slowed down to what this takes. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command and carries its streams byte for byte, until its end. An abort kills it and rejects with the reason. */
export async function carryExecution(
  client: Client,
  request: ExecutionRequest,
  { input, onStarted, onOutput, signal }: Carrying,
): Promise<Execution> {
  const over = new AbortController();
  const failed = new AbortController();
  const items = await client.executions.run(
    { ...request, encoding: 'base64', streamInput: input !== undefined, outputWindow: OUTPUT_WINDOW },
    { signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal },
  );
  let id = '';
  let taken = 0;
  try {
    for await (const item of items) {
      if (item.type === 'ended') return item.execution;
      if (item.type === 'started') {
        id = item.execution.id;
        onStarted?.(id);
        if (input) sendInput(client, id, input, over.signal).catch((error: unknown) => failed.abort(error));
        continue;
      }
      const bytes = Buffer.from(item.data, 'base64');
      await onOutput(item.type, bytes);
      taken += bytes.length;
      if (taken < ACKNOWLEDGED) continue;
      // What cannot be sent is told by the stream, which ends too.
      client.executions.acknowledge({ id, bytes: taken }).catch(() => undefined);
      taken = 0;
    }
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    over.abort();
  }
  failed.signal.throwIfAborted();
  signal?.throwIfAborted();
  throw disconnected();
}

/** Piece after piece, as the command takes them, until there is no more, it wants none, or it is over. */
async function sendInput(
  client: Client,
  id: string,
  input: AsyncIterable<Uint8Array>,
  over: AbortSignal,
): Promise<void> {
  const pieces = input[Symbol.asyncIterator]();
  const ended = new Promise<null>((resolve) => over.addEventListener('abort', () => resolve(null), { once: true }));
  try {
    for (;;) {
      const piece = await Promise.race([pieces.next(), ended]);
      if (piece === null) return;
      if (piece.done) break;
      const { buffer, byteOffset, byteLength } = piece.value;
      const bytes = Buffer.from(buffer, byteOffset, byteLength);
      for (let at = 0; at < bytes.length; at += INPUT_PIECE) {
        const base64 = bytes.toString('base64', at, at + INPUT_PIECE);
        if (over.aborted || !(await client.executions.write({ id, base64 })).taken) return;
      }
    }
    await client.executions.endInput({ id });
  } catch (error) {
    if (!over.aborted) throw error;
  } finally {
    // What it waits for may never come; that it failed to end concerns nobody any more.
    pieces.return?.().catch(() => undefined);
  }
}
