import { useCallback, useEffect, useState } from 'react';
import { type AppError, isAppError, toAppError } from '../../../shared/model/app-error.ts';
import type { TerrariumEvent } from '../../../shared/model/event.ts';
import { usePage } from '../../stores/page.ts';

const PAGE = 100;

export interface Events {
  /** Newest first; null while loading. */
  readonly events: readonly TerrariumEvent[] | null;
  readonly error: AppError | null;
  /** Null when there are no older ones. */
  readonly loadOlder: (() => void) | null;
}

/** Puts events together, newest first, each once: the list and the stream may bring the same. */
export function mergeEvents(
  known: readonly TerrariumEvent[],
  more: readonly TerrariumEvent[],
): readonly TerrariumEvent[] {
  const byId = new Map([...known, ...more].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => b.id - a.id);
}

export function useEvents(sandboxId: string | undefined): Events {
  const { connection, toasts } = usePage();
  const [events, setEvents] = useState<readonly TerrariumEvent[] | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [more, setMore] = useState(false);

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const scope = sandboxId === undefined ? {} : { sandboxId };
    const fail = (failure: unknown) => {
      if (!signal.aborted && !isAppError(failure, 'disconnected')) setError(toAppError(failure));
    };
    connection
      .subscribe({
        open: async (client, streamSignal) => {
          const live = await client.events.watch(scope, { signal: streamSignal });
          // Asked for after the stream stands, so that nothing falls between them.
          const newest = await client.events.list({ ...scope, limit: PAGE }, { signal: streamSignal });
          setEvents(newest);
          setMore(newest.length === PAGE);
          return live;
        },
        onItem: (event) => setEvents((known) => mergeEvents(known ?? [], [event])),
        signal,
        endless: true,
      })
      .catch(fail);
    return () => ending.abort();
  }, [connection, sandboxId]);

  const loadOlder = useCallback(() => {
    const before = events?.at(-1)?.id;
    if (before === undefined) return;
    connection.client.events
      .list({ ...(sandboxId === undefined ? {} : { sandboxId }), before, limit: PAGE })
      .then((older) => {
        setEvents((known) => mergeEvents(known ?? [], older));
        setMore(older.length === PAGE);
      })
      .catch(toasts.error);
  }, [connection, toasts, sandboxId, events]);

  return { events, error, loadOlder: more ? loadOlder : null };
}
