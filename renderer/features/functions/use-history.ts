import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { type AppError, isAppError, toAppError } from '../../../shared/model/app-error.ts';
import type { Invocation } from '../../../shared/model/function.ts';
import { usePage } from '../../stores/page.ts';

const PAGE = 100;

export interface HistoryFilter {
  readonly onlyErrors: boolean;
  readonly version: number | null;
}

export interface InvocationHistory {
  /** Newest first; null while the first ones are loaded. */
  readonly invocations: readonly Invocation[] | null;
  readonly error: AppError | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** The newest of the history before those that are known; what is between them and is not known is not made up. */
export function mergeNewest(
  newest: readonly Invocation[],
  known: readonly Invocation[],
  page = PAGE,
): { readonly invocations: readonly Invocation[]; readonly isGap: boolean } {
  const ids = new Set(known.map(({ id }) => id));
  const isGap = newest.length >= page && !newest.some(({ id }) => ids.has(id));
  if (isGap) return { invocations: newest, isGap };
  const fresh = new Set(newest.map(({ id }) => id));
  return { invocations: [...newest, ...known.filter(({ id }) => !fresh.has(id))], isGap };
}

/** `changed`: another value says that there are newer ones. */
export function useHistory(
  functionId: string,
  { onlyErrors, version }: HistoryFilter,
  changed: unknown,
): InvocationHistory {
  const { connection } = usePage();
  const generation = useStore(connection.state, (state) => state.generation);
  const [invocations, setInvocations] = useState<readonly Invocation[] | null>(null);
  const [hasMore, setMore] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const [tries, setTries] = useState(0);
  /** What loads older ones, of this filter. */
  const older = useRef<AbortController | null>(null);

  const list = useCallback(
    (before: string | undefined, signal?: AbortSignal) =>
      connection.client.invocations.list(
        { functionId, onlyErrors, limit: PAGE, ...(before && { before }), ...(version !== null && { version }) },
        signal ? { signal } : {},
      ),
    [connection, functionId, onlyErrors, version],
  );
  const fail = useCallback((failure: unknown) => {
    if (!isAppError(failure, 'disconnected') && !isAppError(failure, 'cancelled')) setError(toAppError(failure));
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter begins anew.
  useEffect(() => {
    setInvocations(null);
    setMore(false);
    return () => {
      older.current?.abort();
      older.current = null;
    };
  }, [list]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to look for newer ones.
  useEffect(() => {
    const stop = new AbortController();
    list(undefined, stop.signal)
      .then((newest) => {
        if (stop.signal.aborted) return;
        setError(null);
        setInvocations((known) => {
          const merged = mergeNewest(newest, known ?? []);
          if (known === null || merged.isGap) setMore(newest.length === PAGE);
          return merged.invocations;
        });
      })
      .catch(fail);
    return () => stop.abort();
  }, [list, fail, changed, generation, tries]);

  const loadMore = useCallback(() => {
    const before = invocations?.at(-1)?.id;
    if (before === undefined || older.current) return;
    const stop = new AbortController();
    older.current = stop;
    list(before, stop.signal)
      .then((found) => {
        if (stop.signal.aborted) return;
        setInvocations((known) => (known ? mergeNewest(known, found, Number.POSITIVE_INFINITY).invocations : known));
        setMore(found.length === PAGE);
      })
      .catch((failure: unknown) => {
        if (!stop.signal.aborted) fail(failure);
      })
      .finally(() => {
        if (older.current === stop) older.current = null;
      });
  }, [list, fail, invocations]);

  return { invocations, error, hasMore, loadMore, reload: () => setTries((count) => count + 1) };
}
