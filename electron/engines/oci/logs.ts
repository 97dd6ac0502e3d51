import type { Readable } from 'node:stream';
import type { LogLine } from '../../../shared/contract/logs.ts';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage, toAppError } from './errors.ts';
import { createLogParser } from './log-parser.ts';
import { getStream } from './request.ts';

export interface LogOptions {
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** See `Engine.logs`. A batch is what one read of the socket brought, so a slow reader slows the daemon. */
export async function* readLogs(
  client: OciClient,
  ref: EngineRef,
  { tail, follow, signal }: LogOptions,
): AsyncGenerator<readonly LogLine[], void> {
  if (signal.aborted) return;
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  const ended = AbortSignal.any([signal, client.disposed]);
  try {
    const source = await openLogs(client, ref, { tail, follow, signal: ended });
    source.on('error', (error) => client.log.debug({ ref, reason: engineMessage(error) }, 'a log stream broke'));
    const parse = createLogParser(info.Config.Tty);
    for await (const chunk of source) {
      const lines = parse.push(chunk);
      if (lines.length > 0) yield lines;
    }
    const last = parse.end();
    if (last.length > 0) yield last;
  } catch (error) {
    if (signal.aborted) return;
    throw toAppError(error, client.engine, 'read the log');
  }
}

function openLogs(client: OciClient, ref: EngineRef, { tail, follow, signal }: LogOptions): Promise<Readable> {
  const query = { stdout: true, stderr: true, timestamps: true, follow, tail };
  return client.call('read the log', (docker) =>
    getStream(docker, `/containers/${encodeURIComponent(ref)}/logs`, query, signal),
  );
}
