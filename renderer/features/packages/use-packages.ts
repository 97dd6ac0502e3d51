import { useCallback, useEffect, useRef, useState } from 'react';
import type { PackageChangeItem, PackageListing, PackageProvider } from '../../../shared/contract/packages.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import { type Page, usePage } from '../../stores/page.ts';

/** The last lines of what a provider says that the page keeps. */
const MOST_LINES = 500;

export interface Target {
  readonly sandboxId: string;
  readonly provider: PackageProvider;
}

type Client = Page['connection']['client'];

/** Opens a stream of a change: an install, a removal, a repair. */
export type OpenChange = (
  client: Client,
  target: Target,
  signal: AbortSignal,
) => Promise<AsyncIterable<PackageChangeItem>>;

export interface Change {
  /** What is being done, in the user's words. */
  readonly title: string;
  readonly lines: readonly string[];
  readonly status: 'running' | 'done' | 'cancelled' | 'failed';
  readonly error: AppError | null;
}

export interface PackagesState {
  /** Null until the host has told. */
  readonly listings: readonly PackageListing[] | null;
  readonly error: AppError | null;
  /** The one that runs, or the last one. */
  readonly change: Change | null;
  readonly reload: () => void;
  readonly run: (provider: PackageProvider, title: string, open: OpenChange) => Promise<boolean>;
  readonly cancel: () => void;
  readonly dismiss: () => void;
}

/** The packages of one sandbox, and what is being done to them. Leaving the tab cancels that. */
export function usePackages(sandboxId: string, state: string): PackagesState {
  const { connection } = usePage();
  const { client } = connection;
  const [listings, setListings] = useState<readonly PackageListing[] | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [change, setChange] = useState<Change | null>(null);
  const [stamp, setStamp] = useState(0);
  const running = useRef<AbortController | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a start may tell that it is broken, and `stamp` asks again.
  useEffect(() => {
    const stop = new AbortController();
    client.packages
      .list({ sandboxId }, { signal: stop.signal })
      .then((found) => {
        setListings(found);
        setError(null);
      })
      .catch((failure) => {
        if (!stop.signal.aborted) setError(toAppError(failure));
      });
    return () => stop.abort();
  }, [client, sandboxId, state, stamp]);

  useEffect(() => () => running.current?.abort(), []);

  const run = useCallback(
    async (provider: PackageProvider, title: string, open: OpenChange): Promise<boolean> => {
      const abort = new AbortController();
      running.current = abort;
      let lines: readonly string[] = [];
      let frame = 0;
      const show = (status: Change['status'], failure: AppError | null = null) => {
        cancelAnimationFrame(frame);
        frame = 0;
        setChange({ title, lines, status, error: failure });
      };
      show('running');
      try {
        for await (const item of await open(client, { sandboxId, provider }, abort.signal)) {
          if (item.type === 'done') {
            setListings((before) => before?.map((each) => (each.provider === provider ? item.listing : each)) ?? null);
          } else {
            lines = [...lines, item.message].slice(-MOST_LINES);
            // A build may say a thousand lines a second.
            frame ||= requestAnimationFrame(() => show('running'));
          }
        }
        show(abort.signal.aborted ? 'cancelled' : 'done');
        return !abort.signal.aborted;
      } catch (failure) {
        if (abort.signal.aborted) show('cancelled');
        else show('failed', toAppError(failure));
        // What was done before it failed is done.
        setStamp((value) => value + 1);
        return false;
      } finally {
        running.current = null;
      }
    },
    [client, sandboxId],
  );

  return {
    listings,
    error,
    change,
    reload: () => setStamp(stamp + 1),
    run,
    cancel: () => running.current?.abort(),
    dismiss: () => setChange(null),
  };
}
