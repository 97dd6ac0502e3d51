import { AppError } from '../../../shared/model/error.ts';
import type { Bytes } from '../../engines/engine.ts';
import { newId } from '../../lib/id.ts';

/** Of one sandbox at once: each holds a file open in it. Others are not kept from writing. */
const WRITES_MAX = 32;
/** Without a piece, be it an empty one, a write is given up: whoever sent it is gone. */
const PATIENCE_MS = 60_000;

export interface Writes {
  /** `work` takes the pieces as it can, and is aborted when it is given up. */
  readonly begin: (sandboxId: string, work: (bytes: Bytes, signal: AbortSignal) => Promise<void>) => string;
  /** Resolves when the piece was taken, so that a sender is no faster than the sandbox's disk. */
  readonly append: (id: string, piece: Uint8Array) => Promise<void>;
  /** Resolves when all is written. */
  readonly finish: (id: string) => Promise<void>;
  /** Idempotent. */
  readonly cancel: (id: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

interface Write {
  readonly sandboxId: string;
  readonly abort: AbortController;
  /** Rejects with whatever the work failed with. */
  readonly done: Promise<void>;
  readonly pipe: Pipe;
  busy: boolean;
  timer: NodeJS.Timeout;
}

/** Files that come in pieces, one call each. */
export function createWrites(patienceMs = PATIENCE_MS): Writes {
  const writes = new Map<string, Write>();

  const find = (id: string): Write => {
    const write = writes.get(id);
    if (!write) throw new AppError('not_found', 'This write is over.', { hint: 'Begin it again.' });
    if (write.busy) throw new AppError('conflict', 'The piece before is still being written.');
    return write;
  };
  const wait = (id: string) => {
    const timer = setTimeout(() => void cancel(id), patienceMs);
    timer.unref();
    return timer;
  };
  const forget = (id: string) => {
    clearTimeout(writes.get(id)?.timer);
    writes.delete(id);
  };
  const cancel = async (id: string) => {
    const write = writes.get(id);
    if (!write) return;
    forget(id);
    write.abort.abort(new AppError('cancelled', 'The write was given up.'));
    write.pipe.fail(write.abort.signal.reason);
    // That it failed is what was asked for.
    await write.done.catch(() => undefined);
  };

  return {
    begin(sandboxId, work) {
      const begun = writes.values().filter((write) => write.sandboxId === sandboxId);
      if (begun.toArray().length >= WRITES_MAX) {
        throw new AppError('limit_exceeded', `${WRITES_MAX} files are being written to this sandbox already.`, {
          hint: 'Wait for them.',
        });
      }
      const id = newId('wrt');
      const abort = new AbortController();
      const pipe = createPipe();
      const done = work(pipe.bytes, abort.signal);
      done.catch(() => undefined); // it is told to whoever sends the next piece
      writes.set(id, { sandboxId, abort, done, pipe, busy: false, timer: wait(id) });
      return id;
    },
    async append(id, piece) {
      const write = find(id);
      write.busy = true;
      clearTimeout(write.timer);
      try {
        // Where nobody takes it any more, the end of the work tells why.
        await Promise.race([write.pipe.put(piece), write.done]);
      } catch (error) {
        forget(id);
        throw error;
      } finally {
        write.busy = false;
      }
      if (writes.has(id)) write.timer = wait(id);
    },
    async finish(id) {
      const write = find(id);
      forget(id);
      write.pipe.end();
      await write.done;
    },
    cancel,
    async dispose() {
      await Promise.all([...writes.keys()].map(cancel));
    },
  };
}

interface Pipe {
  readonly bytes: Bytes;
  /** Resolves when it was taken. */
  readonly put: (piece: Uint8Array) => Promise<void>;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** One piece at a time. */
function createPipe(): Pipe {
  let piece: Uint8Array | undefined;
  let state: { readonly is: 'open' | 'ended' } | { readonly is: 'failed'; readonly error: unknown } = { is: 'open' };
  let changed = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (state.is === 'failed') throw state.error;
      if (piece) {
        yield piece;
        // It is asked for the next one, so that one was written.
        piece = undefined;
        taken.resolve();
      } else if (state.is === 'ended') {
        return;
      } else {
        await changed.promise;
        changed = Promise.withResolvers();
      }
    }
  }
  return {
    bytes: bytes(),
    put(next) {
      piece = next;
      taken = Promise.withResolvers();
      changed.resolve();
      return taken.promise;
    },
    end() {
      state = { is: 'ended' };
      changed.resolve();
    },
    fail(error) {
      state = { is: 'failed', error };
      changed.resolve();
    },
  };
}
