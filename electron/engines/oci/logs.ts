import type { LogLine } from '../../../shared/contract/logs.ts';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage, toAppError } from './errors.ts';
import { createLogParser } from './log-parser.ts';
import { getStream } from './request.ts';

export interface LogOptions {
  readonly tail: number;
  readonly since?: number | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** See `Engine.logs`. A batch is what one read of the socket brought, so a slow reader slows the daemon. */
export async function* readLogs(
  client: OciClient,
  ref: EngineRef,
  { tail, since, follow, signal }: LogOptions,
): AsyncGenerator<readonly LogLine[], void> {
  if (signal.aborted) return;
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  const ended = AbortSignal.any([signal, client.disposed]);
  const read = (which: Pick<LogOptions, 'follow'> & { readonly tail: number | 'all' }) =>
    readLines(client, ref, { ...which, since, signal: ended, tty: info.Config.Tty });
  // A daemon looks at what it calls a line; the rest of one that began earlier is not wanted either.
  const wanted = (lines: readonly LogLine[]) =>
    since === undefined ? lines : lines.filter(({ at }) => at === null || at >= since);
  try {
    if (client.dialect.tailsWholeLines || tail === 0) {
      for await (const { lines } of read({ tail: Number.isFinite(tail) ? tail : 'all', follow })) yield wanted(lines);
      return;
    }
    const history: LogLine[] = [];
    let complete = 0;
    for await (const { lines, last } of read({ tail: 'all', follow: false })) {
      // What has no end yet may get one, and is then heard of again.
      if (last && follow) break;
      if (!last) complete += lines.length;
      // Only the last ones of a log must be waited for: all of them may be more than there is memory.
      if (tail === Number.POSITIVE_INFINITY) {
        yield wanted(lines);
        continue;
      }
      history.push(...wanted(lines));
      history.splice(0, history.length - tail);
    }
    if (history.length > 0) yield history;
    if (!follow) return;
    for await (const { lines } of read({ tail: 'all', follow })) {
      const fresh = lines.slice(Math.min(complete, lines.length));
      complete -= lines.length - fresh.length;
      if (fresh.length > 0) yield wanted(fresh);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw toAppError(error, client.engine, 'read the log');
  }
}

interface Batch {
  readonly lines: readonly LogLine[];
  /** It is what no newline has ended. */
  readonly last: boolean;
}

interface ReadOptions {
  readonly tail: number | 'all';
  readonly since: number | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly tty: boolean;
}

async function* readLines(
  client: OciClient,
  ref: EngineRef,
  { tail, since, follow, signal, tty }: ReadOptions,
): AsyncGenerator<Batch, void> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    tail,
    ...(since === undefined ? {} : { since: since / 1000 }),
  };
  const source = await client.call('read the log', (docker) =>
    getStream(docker, `/containers/${encodeURIComponent(ref)}/logs`, query, signal),
  );
  source.on('error', (error) => client.log.debug({ ref, reason: engineMessage(error) }, 'a log stream broke'));
  const parse = createLogParser(tty);
  for await (const chunk of source) {
    const lines = parse.push(chunk);
    if (lines.length > 0) yield { lines, last: false };
  }
  const lines = parse.end();
  if (lines.length > 0) yield { lines, last: true };
}
