import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Execution } from '../../../shared/contract/executions.ts';
import { type Carrying, carryExecution, type ExecutionRequest } from '../client/carry-execution.ts';
import type { Client } from '../client/connection.ts';
import type { Interruption } from './interruption.ts';
import { write } from './terminal.ts';

/** Whether this program's input is a pipe or a file, and not a terminal or nothing. */
export function isPiped(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false; // it has none
  }
}

/** This program's own streams. */
export const toOwnStreams: Carrying['onOutput'] = (stream, bytes) => write(bytes, process[stream]);

/**
 * Runs a command whose input is this program's, byte for byte, no faster than its output is taken. Asked to end
 * (Ctrl+C, SIGTERM, SIGHUP), this program hands that on to the command, whose end is awaited; asked once more, or where the
 * command takes no signals, it kills the command.
 */
export async function runPiped(
  client: Client,
  request: ExecutionRequest,
  { hasInput, onOutput }: { readonly hasInput: boolean; readonly onOutput: Carrying['onOutput'] },
  { signal, passNext }: Interruption,
): Promise<Execution> {
  const over = new AbortController();
  let passNoMore: (() => void) | undefined;
  try {
    return await carryExecution(client, request, {
      // Ended with the command: it may be a terminal at which nobody types.
      input: hasInput ? addAbortSignal(over.signal, process.stdin) : undefined,
      onStarted(id) {
        passNoMore = passNext(async (name) => {
          await client.executions.signal({ id, signal: name });
        });
      },
      onOutput,
      signal,
    });
  } finally {
    passNoMore?.();
    over.abort();
    if (hasInput) process.stdin.destroy();
  }
}
