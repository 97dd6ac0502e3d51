import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { createDemuxer } from './demux.ts';
import { engineMessage, toAppError } from './errors.ts';
import { getStream } from './request.ts';

/**
 * See `Engine.outputBytes`. Counts what the engine's log brings: a line that has no end yet comes in pieces of
 * 16 KiB, a byte that is no text counts as the three of U+FFFD, and of what was written before a host came that
 * follows it only what the log's bound has left is known.
 */
export async function* followOutputBytes(
  client: OciClient,
  ref: EngineRef,
  signal: AbortSignal,
): AsyncGenerator<number, void> {
  if (signal.aborted) return;
  try {
    const { State, Config } = await client.call('inspect the container', (docker, abortSignal) =>
      docker.getContainer(ref).inspect({ abortSignal }),
    );
    const query = { stdout: true, stderr: true, follow: true, tail: 'all', ...since(State) };
    const source = await client.call('follow the log', (docker) =>
      getStream(
        docker,
        `/containers/${encodeURIComponent(ref)}/logs`,
        query,
        AbortSignal.any([signal, client.disposed]),
      ),
    );
    source.on('error', (error) => client.log.debug({ ref, reason: engineMessage(error) }, 'a log stream broke'));
    const demux = createDemuxer();
    let bytes = 0;
    for await (const chunk of source) {
      const pieces: readonly { readonly chunk: Buffer }[] = Config.Tty ? [{ chunk }] : demux(chunk);
      bytes = pieces.reduce((sum, piece) => sum + piece.chunk.length, bytes);
      yield bytes;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw toAppError(error, client.engine, 'follow the log');
  }
}

/** By so much a program's first output may be older than the start that the engine has noted. */
const HEAD_START_MS = 1000;

/**
 * The log goes on over all runs. Where the last one ended, and not where this one began: a program may write
 * before the engine notes its start. Of one that is over already only its start is known. Engines write year 1 for
 * "never".
 */
function since(state: { readonly Running: boolean; readonly StartedAt: string; readonly FinishedAt: string }): {
  readonly since?: string;
} {
  if (!state.Running) return { since: String((Date.parse(state.StartedAt) - HEAD_START_MS) / 1000) };
  const ms = Date.parse(state.FinishedAt);
  if (!(ms > 0)) return {};
  const fraction = /\.(\d+)/.exec(state.FinishedAt)?.[1] ?? '0';
  return { since: `${Math.floor(ms / 1000)}.${fraction.padEnd(9, '0').slice(0, 9)}` };
}
