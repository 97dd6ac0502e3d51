import { AppError } from '../../../../shared/model/error.ts';

/** A large file takes as long as it takes; but so long nothing at all moves only where the engine is stuck. */
const STALL_MS = 60_000;

export interface StallGuard extends Disposable {
  /** Aborted with the caller's, or with `engine_unavailable` when nothing moves. */
  readonly signal: AbortSignal;
  readonly touch: () => void;
  /** While it is the reader that takes its time. */
  readonly pause: () => void;
}

export function createStallGuard(engine: string, signal: AbortSignal): StallGuard {
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const pause = () => clearTimeout(timer);
  const touch = () => {
    pause();
    timer = setTimeout(
      () =>
        stalled.abort(new AppError('engine_unavailable', `${engine} has stopped answering in the middle of a copy.`)),
      STALL_MS,
    );
  };
  touch();
  return { signal: AbortSignal.any([signal, stalled.signal]), touch, pause, [Symbol.dispose]: pause };
}
