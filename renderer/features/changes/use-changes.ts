import { useCallback, useEffect, useState } from 'react';
import type { Applied, ChangeList } from '../../../shared/contract/changes.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { SandboxState } from '../../../shared/model/sandbox.ts';
import { usePage } from '../../stores/page.ts';

/** While it runs the list is asked for again and again; a long one only when the user wants it. */
const AGAIN_MS = 2000;
const MOST_FOLLOWED = 1000;

export interface ChangesState {
  /** Null until the host has told. */
  readonly list: ChangeList | null;
  readonly error: AppError | null;
  readonly work: 'apply' | 'discard' | null;
  /** How the last apply went, when something of it failed. */
  readonly failed: Applied | null;
  readonly reload: () => void;
  /** Another one whenever it was asked for anew: what was read before may be out of date. */
  readonly stamp: number;
  /** All when `paths` is undefined. False when it failed, which the user was told. */
  readonly apply: (paths: string[] | undefined) => Promise<boolean>;
  readonly cancel: () => void;
  readonly discard: (paths: string[] | undefined) => Promise<boolean>;
  readonly dismiss: () => void;
}

/** What a sandbox would change, and what is being done about it. */
export function useChanges(id: string, state: SandboxState): ChangesState {
  const { connection, toasts, ui } = usePage();
  const { client } = connection;
  const [list, setList] = useState<ChangeList | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [failed, setFailed] = useState<Applied | null>(null);
  const [running, setRunning] = useState<{
    readonly work: 'apply' | 'discard';
    readonly abort: AbortController;
    /** What is left is to ask for the list, so that what is done is not shown once more. */
    readonly isDone: boolean;
  } | null>(null);
  const [stamp, setStamp] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `stamp` asks again.
  useEffect(() => {
    const stop = new AbortController();
    const settle = () => setRunning((work) => (work?.isDone ? null : work));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const found = document.hidden ? null : await client.changes.list({ id }, { signal: stop.signal });
        if (stop.signal.aborted) return;
        if (found) {
          setList(found);
          settle();
        }
        setError(null);
        const follows = state === 'running' && (found?.changes.length ?? 0) <= MOST_FOLLOWED;
        if (follows || !found) timer = setTimeout(() => void load(), AGAIN_MS);
      } catch (failure) {
        if (stop.signal.aborted) return;
        setError(toAppError(failure));
        settle();
      }
    };
    void load();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, id, state, stamp]);

  // For the question whether to destroy it.
  useEffect(() => {
    ui.setState({ unapplied: list && { id, count: list.changes.length, more: list.truncated } });
    return () => ui.setState({ unapplied: null });
  }, [ui, id, list]);

  const run = useCallback(
    async (work: 'apply' | 'discard', call: (signal: AbortSignal) => Promise<Applied | null>): Promise<boolean> => {
      const abort = new AbortController();
      setRunning({ work, abort, isDone: false });
      setFailed(null);
      try {
        const applied = await call(abort.signal);
        if (applied && applied.failed > 0) setFailed(applied);
        return true;
      } catch (failure) {
        if (!abort.signal.aborted) toasts.error(failure);
        return false;
      } finally {
        setRunning({ work, abort, isDone: true });
        setStamp((value) => value + 1);
      }
    },
    [toasts],
  );

  return {
    list,
    error,
    failed,
    work: running?.work ?? null,
    reload: () => setStamp(stamp + 1),
    stamp,
    apply: (paths) => run('apply', (signal) => client.changes.apply({ id, ...(paths && { paths }) }, { signal })),
    cancel: () => running?.abort.abort(),
    discard: (paths) =>
      run('discard', async () => {
        await client.changes.discard({ id, ...(paths && { paths }) });
        return null;
      }),
    dismiss: () => setFailed(null),
  };
}
