import type Dockerode from 'dockerode';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { OciDialect } from './dialect.ts';
import { toAppError } from './errors.ts';

/** One connection to one daemon. */
export interface OciClient {
  /** The engine's name for people, e.g. `Docker`. */
  readonly engine: string;
  readonly docker: Dockerode;
  /** The daemon runs on this machine and sees its files and ports (not: remote over tcp or ssh). */
  readonly local: boolean;
  readonly dialect: OciDialect;
  readonly log: Log;
  /**
   * Runs one request. What it throws is an AppError; `what` completes "Docker could not …". Gives up
   * with `engine_unavailable` after `timeoutMs` (default 20 s).
   */
  readonly call: <T>(
    what: string,
    run: (docker: Dockerode, signal: AbortSignal) => Promise<T>,
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined },
  ) => Promise<T>;
  /** Closes this connection with everything that is open on it: streams, execs. */
  readonly dispose: () => void;
  /** Aborted by `dispose`. */
  readonly disposed: AbortSignal;
}

export interface OciClientOptions {
  readonly engine: string;
  readonly docker: Dockerode;
  readonly local: boolean;
  readonly dialect: OciDialect;
  readonly log: Log;
  readonly onDispose?: () => void;
}

const CALL_TIMEOUT_MS = 20_000;

export function createOciClient({ engine, docker, local, dialect, log, onDispose }: OciClientOptions): OciClient {
  const disposal = new AbortController();

  return {
    engine,
    docker,
    local,
    dialect,
    log,
    disposed: disposal.signal,
    async call(what, run, options = {}) {
      const { timeoutMs = CALL_TIMEOUT_MS, signal } = options;
      signal?.throwIfAborted();
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      const parts = [deadline.signal, disposal.signal, ...(signal ? [signal] : [])];
      const any = AbortSignal.any(parts);
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(any.reason);
      if (any.aborted) onAbort();
      else any.addEventListener('abort', onAbort);
      try {
        // Not every request can be aborted; this ends the wait for all of them.
        return await Promise.race([run(docker, any), aborted.promise]);
      } catch (error) {
        signal?.throwIfAborted();
        if (disposal.signal.aborted) throw new AppError('engine_unavailable', `The connection to ${engine} was closed`);
        if (deadline.signal.aborted) {
          throw new AppError(
            'engine_unavailable',
            `${engine} did not answer within ${Math.round(timeoutMs / 1000)} s`,
            {
              hint: 'The daemon may be overloaded or stuck; restarting it helps when this stays',
            },
          );
        }
        throw toAppError(error, engine, what);
      } finally {
        clearTimeout(timer);
        any.removeEventListener('abort', onAbort);
      }
    },
    dispose() {
      disposal.abort();
      onDispose?.();
    },
  };
}
