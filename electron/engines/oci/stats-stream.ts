import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Counters } from '../../../shared/model/sample.ts';
import type { EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage } from './errors.ts';
import { createJsonLines } from './json-lines.ts';

/** A stream that nobody asked about for so long is closed. */
const UNWATCHED_MS = 10_000;
/** Older than this, a value is not "now" any more. */
const STALE_MS = 10_000;

const number = z.number().nullish();
const statsSchema = z.object({
  read: z.string(),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: number }).nullish() }).nullish(),
  memory_stats: z.object({ usage: number, limit: number, stats: z.record(z.string(), z.number()).nullish() }).nullish(),
  pids_stats: z.object({ current: number }).nullish(),
  blkio_stats: z
    .object({ io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: z.number() })).nullish() })
    .nullish(),
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).nullish(),
});

/** One message of the API's stats stream. Null: the container does not run. */
export function parseStats(message: unknown): Counters | null {
  const parsed = statsSchema.safeParse(message);
  if (!parsed.success) return null;
  const { data } = parsed;
  const at = Date.parse(data.read);
  const cpuNs = data.cpu_stats?.cpu_usage?.total_usage ?? null;
  const usage = data.memory_stats?.usage ?? null;
  // A container that stopped is reported on with zeros and the year 1.
  if (!(at > 0) || (cpuNs === null && usage === null)) return null;
  const stats = data.memory_stats?.stats ?? {};
  const cache = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  const io = data.blkio_stats?.io_service_bytes_recursive;
  const disk = (op: string) =>
    io ? io.filter((each) => each.op.toLowerCase() === op).reduce((sum, { value }) => sum + value, 0) : null;
  const networks = Object.values(data.networks ?? {});
  return {
    at: Date.now(),
    cpuNs,
    memoryBytes: usage === null ? null : Math.max(0, usage - cache),
    memoryLimitBytes: data.memory_stats?.limit ?? null,
    pids: data.pids_stats?.current ?? null,
    diskReadBytes: disk('read'),
    diskWriteBytes: disk('write'),
    networkRxBytes: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    networkTxBytes: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
  };
}

interface Stream {
  latest: Counters | null;
  askedAt: number;
  readonly first: Promise<void>;
  readonly close: () => void;
}

export function createStatsStreams() {
  const streams = new Map<EngineRef, Stream>();
  let timer: NodeJS.Timeout | undefined;

  const closeUnwatched = () => {
    for (const stream of streams.values()) if (Date.now() - stream.askedAt > UNWATCHED_MS) stream.close();
    if (streams.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  const open = (client: OciClient, ref: EngineRef): Stream => {
    const controller = new AbortController();
    const first = Promise.withResolvers<void>();
    const close = () => {
      controller.abort();
      if (streams.get(ref) === stream) streams.delete(ref);
      first.resolve();
    };
    const stream: Stream = { latest: null, askedAt: Date.now(), first: first.promise, close };
    streams.set(ref, stream);
    timer ??= setInterval(closeUnwatched, UNWATCHED_MS / 2).unref();
    const read = async () => {
      const options = { stream: true as const, abortSignal: controller.signal };
      const source = (await client.call('read statistics', (docker) =>
        docker.getContainer(ref).stats(options),
      )) as Readable;
      source.on('error', (error) => client.log.debug({ ref, reason: error.message }, 'a stats stream broke'));
      const lines = createJsonLines();
      for await (const chunk of source) {
        for (const message of lines(chunk)) {
          const counters = parseStats(message);
          if (counters === null) return;
          stream.latest = counters;
          first.resolve();
        }
      }
    };
    read()
      .catch((error: unknown) => client.log.debug({ ref, reason: engineMessage(error) }, 'a stats stream ended'))
      .finally(close);
    return stream;
  };

  return {
    async latest(client: OciClient, ref: EngineRef): Promise<Counters | null> {
      const stream = streams.get(ref) ?? open(client, ref);
      stream.askedAt = Date.now();
      if (stream.latest === null) await stream.first;
      const { latest } = stream;
      return latest && Date.now() - latest.at < STALE_MS ? latest : null;
    },
    dispose() {
      clearInterval(timer);
      for (const stream of [...streams.values()]) stream.close();
    },
  };
}
