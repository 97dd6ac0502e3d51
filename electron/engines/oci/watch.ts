import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { createAsyncQueue } from '../../lib/async-queue.ts';
import type { EngineChange, EngineObject } from '../engine.ts';
import type { OciClient } from './client.ts';
import { isGone, toAppError } from './errors.ts';
import { createJsonLines } from './json-lines.ts';
import { labels } from './labels.ts';
import { getJson } from './request.ts';

const eventSchema = z.object({
  Type: z.string().optional(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** After which an object must be looked at again; the rest (execs, attach, top …) changes nothing. */
const CHANGES = new Set([
  'create',
  'start',
  'restart',
  'die',
  'died',
  'stop',
  'kill',
  'pause',
  'unpause',
  'rename',
  'update',
  'cleanup',
]);
const REMOVALS = new Set(['destroy', 'remove']);

/** Removals that are remembered: an answer about an object takes far less time than so many removals. */
const REMEMBERED_REMOVALS = 1024;

/** A connection that is dead without having been closed is noticed by asking over another one. */
const PING_EVERY_MS = 5000;
const PING_TIMEOUT_MS = 5000;

export interface WatchOptions {
  readonly client: OciClient;
  readonly inspect: (ref: string) => Promise<EngineObject>;
  readonly signal: AbortSignal;
  readonly onReady: () => void;
}

/** See `Engine.watch`. A reader that is slow gets each object's newest state, not every step. */
export function watchContainers({ client, inspect, signal, onReady }: WatchOptions): AsyncIterable<EngineChange> {
  const stop = new AbortController();
  const ended = AbortSignal.any([stop.signal, signal, client.disposed]);
  const queue = createAsyncQueue<EngineChange>(() => stop.abort());
  /** Objects to look at, in the order of their first event. */
  const dirty = new Set<string>();
  /** Gone for good, as engines never use a ref again: an answer that was under way is out of date. */
  const removed = new Set<string>();
  let working = false;

  const fail = (error: unknown) => {
    if (signal.aborted || stop.signal.aborted) queue.end();
    else queue.fail(error);
    stop.abort();
  };

  const remove = (ref: string) => {
    dirty.delete(ref);
    if (removed.has(ref)) return;
    removed.add(ref);
    if (removed.size > REMEMBERED_REMOVALS) for (const oldest of removed.values().take(1)) removed.delete(oldest);
    queue.push({ type: 'removed', ref });
  };

  const work = async () => {
    if (working) return;
    working = true;
    try {
      for (const ref of dirty) {
        dirty.delete(ref);
        try {
          const object = await inspect(ref);
          if (!removed.has(ref)) queue.push({ type: 'changed', object });
        } catch (error) {
          if (!isGone(error)) throw error;
          remove(ref);
        }
      }
    } catch (error) {
      fail(error);
    } finally {
      working = false;
    }
  };

  const handle = (message: unknown) => {
    const event = eventSchema.safeParse(message);
    if (!event.success || (event.data.Type ?? 'container') !== 'container') return;
    const { Action: action, Actor } = event.data;
    if (Actor.Attributes?.[labels.helper] !== undefined) return;
    if (action === 'oom') queue.push({ type: 'limit', ref: Actor.ID, limit: 'memoryBytes' });
    if (REMOVALS.has(action)) {
      remove(Actor.ID);
    } else if (CHANGES.has(action) && !removed.has(Actor.ID)) {
      dirty.add(Actor.ID);
      void work();
    }
  };

  const read = async () => {
    const source = (await client.call('watch its events', (docker) =>
      docker.getEvents({ filters: { type: ['container'] }, abortSignal: ended }),
    )) as Readable;
    source.on('error', (error) => client.log.debug({ reason: error.message }, 'the event stream broke'));
    // The daemon answers a moment before it subscribes; an answer to a later question comes after.
    await ping(client);
    onReady();
    const lines = createJsonLines();
    for await (const chunk of source) for (const message of lines(chunk)) handle(message);
    throw new AppError('engine_unavailable', `${client.engine} closed the connection`);
  };

  const unfollow = client.dialect.follow((change) => queue.push(change));
  const keepAlive = setInterval(() => {
    ping(client).catch(fail);
  }, PING_EVERY_MS);
  keepAlive.unref();
  ended.addEventListener('abort', () => {
    clearInterval(keepAlive);
    unfollow();
    if (client.disposed.aborted)
      queue.fail(new AppError('engine_unavailable', `The connection to ${client.engine} was closed`));
    queue.end();
  });
  if (ended.aborted) queue.end();
  else read().catch((error: unknown) => fail(unavailable(error, client)));
  return queue;
}

/** Whatever ended the stream of events, what it means is that nothing is known any more. */
function unavailable(error: unknown, client: OciClient): AppError {
  const known = toAppError(error, client.engine, 'watch its events');
  if (known.code === 'engine_unavailable') return known;
  return new AppError('engine_unavailable', `The connection to ${client.engine} broke`, { cause: error });
}

async function ping(client: OciClient): Promise<void> {
  await client.call('answer', (docker, signal) => getJson(docker, '/_ping', signal), { timeoutMs: PING_TIMEOUT_MS });
}
