import type { FileChange, WatchItem } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Client } from './connection.ts';
import { disconnected } from './failures.ts';

export interface WatchOptions {
  /** Also what is in its folders. */
  readonly recursive?: boolean;
  /** Aborted, the watch ends as by `stop`. */
  readonly signal?: AbortSignal;
  /** Called with each change, one after another, instead of iterating. What it throws ends the watch. */
  readonly onChange?: (change: FileChange) => void | Promise<void>;
  /**
   * With `onChange`: called once at the end, with what the watch failed of, if it did. Without it, that is a rejection that
   * nobody handles, of which Node ends the process.
   */
  readonly onExit?: (error?: AppError) => void;
}

/** A folder that is watched, from when it was got on. Iterate it once; that throws AppError when the watch fails. */
export interface FileWatch extends AsyncIterable<FileChange>, AsyncDisposable {
  /** Ends it: the iteration comes to its end. Idempotent. */
  readonly stop: () => Promise<void>;
}

export async function watchFiles(
  client: Client,
  sandboxId: string,
  path: string,
  { recursive = false, signal, onChange, onExit }: WatchOptions,
): Promise<FileWatch> {
  const stopped = new AbortController();
  const ending = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
  const items = await client.files.watch({ sandboxId, path, recursive }, { signal: ending });
  const first = await items.next();
  if (first.done) throw disconnected();

  const changes = changesOf(items, ending);
  const watch: FileWatch = {
    [Symbol.asyncIterator]: () => changes,
    async stop() {
      stopped.abort();
    },
    [Symbol.asyncDispose]: () => watch.stop(),
  };
  if (onChange) {
    const carry = async () => {
      for await (const change of changes) await onChange(change);
    };
    carry().then(
      () => onExit?.(),
      (error: unknown) => {
        stopped.abort();
        if (!onExit) throw error;
        onExit(error instanceof AppError ? error : new AppError('internal', String(error), { cause: error }));
      },
    );
  }
  return watch;
}

async function* changesOf(items: AsyncIterable<WatchItem>, ending: AbortSignal): AsyncGenerator<FileChange> {
  try {
    for await (const item of items) if (item.type === 'changes') yield* item.changes;
  } catch (error) {
    if (ending.aborted) return;
    throw error;
  }
  if (!ending.aborted) throw disconnected();
}
