import { AppError } from '../../shared/model/error.ts';

/** Input of a command that comes in pieces. */
export interface InputPipe {
  /** For the engine. */
  readonly source: AsyncIterable<Uint8Array>;
  /**
   * Resolves when the command's end of it has room for more: true, or false when the command wants none any more. Pieces
   * are kept in order. Throws `limit_exceeded` for whoever does not wait.
   */
  readonly write: (piece: Uint8Array) => Promise<boolean>;
  /** No more will come. */
  readonly end: () => void;
  /** The command is over, and what was not read is dropped. */
  readonly close: () => void;
}

/** Pieces that may wait for the command. */
const BACKLOG = 16;

interface Waiting {
  readonly piece: Uint8Array;
  readonly taken: (wanted: boolean) => void;
}

export function createInputPipe(): InputPipe {
  const waiting: Waiting[] = [];
  let ended = false;
  let closed = false;
  let wake: () => void = () => undefined;

  const close = () => {
    closed = true;
    for (const { taken } of waiting.splice(0)) taken(false);
    wake();
  };

  async function* read(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next) {
          next.taken(true);
          yield next.piece;
        } else if (ended || closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      close();
    }
  }

  return {
    source: read(),
    write(piece) {
      if (closed) return Promise.resolve(false);
      if (ended) throw new AppError('conflict', 'The command’s input has ended');
      if (waiting.length >= BACKLOG) {
        throw new AppError('limit_exceeded', 'Too much input is waiting for the command', {
          hint: 'Send a piece once the one before was answered.',
        });
      }
      return new Promise((taken) => {
        waiting.push({ piece, taken });
        wake();
      });
    },
    end() {
      ended = true;
      wake();
    },
    close,
  };
}
