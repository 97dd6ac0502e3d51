import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { type AppError, isAppError, toAppError } from '../../../shared/model/app-error.ts';
import { type Page, usePage } from '../../stores/page.ts';

type Client = Page['connection']['client'];

export interface Loaded<T> {
  /** What came last; it stays while it is asked for again. */
  readonly value: T | null;
  readonly error: AppError | null;
  readonly set: (value: T) => void;
  readonly reload: () => void;
}

/** Asks the host once for each key, and again when the host is back. `load` may be another function at each drawing. */
export function useLoaded<T>(key: string, load: (client: Client, signal: AbortSignal) => Promise<T>): Loaded<T> {
  const { connection } = usePage();
  const generation = useStore(connection.state, (state) => state.generation);
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [tries, setTries] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to ask again.
  useEffect(() => {
    const stop = new AbortController();
    latest
      .current(connection.client, stop.signal)
      .then((found) => {
        if (stop.signal.aborted) return;
        setValue(found);
        setError(null);
      })
      .catch((failure) => {
        // It is asked again as soon as the host is back, and the page says that it is away.
        if (!stop.signal.aborted && !isAppError(failure, 'disconnected')) setError(toAppError(failure));
      });
    return () => stop.abort();
  }, [connection, key, generation, tries]);

  return { value, error, set: setValue, reload: () => setTries((count) => count + 1) };
}
