import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Execution } from '../../../shared/contract/executions.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Client } from '../client.ts';
import { write } from './terminal.ts';

/** Bytes of output that may be on their way here. */
const OUTPUT_WINDOW = 1024 * 1024;
/** Acknowledged together. Less than the window, or both sides would wait. */
const ACKNOWLEDGED = OUTPUT_WINDOW / 4;
/** Bytes of a piece of input; as base64 it is within what one call takes. */
const INPUT_PIECE = 256 * 1024;

/** Whether this program's input is a pipe or a file, and not a terminal or nothing. */
export function isPiped(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false; // it has none
  }
}

type Request = Parameters<Client['executions']['run']>[0];

/** Runs a command whose three streams are this program's, byte for byte, no faster than the slowest of them. */
export async function runPiped(
  client: Client,
  request: Request,
  hasInput: boolean,
  signal: AbortSignal,
): Promise<Execution> {
  const over = new AbortController();
  const failed = new AbortController();
  const items = await client.executions.run(
    { ...request, encoding: 'base64', streamInput: hasInput, outputWindow: OUTPUT_WINDOW },
    { signal: AbortSignal.any([signal, failed.signal]) },
  );
  let id = '';
  let taken = 0;
  try {
    for await (const item of items) {
      if (item.type === 'ended') return item.execution;
      if (item.type === 'started') {
        id = item.execution.id;
        if (hasInput) sendInput(client, id, over.signal).catch((error: unknown) => failed.abort(error));
        continue;
      }
      const data = Buffer.from(item.data, 'base64');
      await write(data, process[item.type]);
      taken += data.length;
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
  signal.throwIfAborted();
  throw new AppError('disconnected', 'The connection to Terrarium’s host was lost');
}

/** Piece after piece, as the command takes them, until there is no more or it wants none. */
async function sendInput(client: Client, id: string, over: AbortSignal): Promise<void> {
  try {
    for await (const chunk of addAbortSignal(over, process.stdin)) {
      for (let at = 0; at < chunk.length; at += INPUT_PIECE) {
        const base64 = (chunk as Buffer).toString('base64', at, at + INPUT_PIECE);
        if (!(await client.executions.write({ id, base64 })).taken) return;
      }
    }
    await client.executions.endInput({ id });
  } catch (error) {
    if (!over.aborted) throw error;
  } finally {
    process.stdin.destroy();
  }
}
