import { useEffect, useRef, useState } from 'react';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { usePage } from '../../stores/page.ts';
import { createLogBuffer, type Line } from './buffer.ts';

const TAIL_LINES = 5000;

export interface Log {
  readonly lines: readonly Line[];
  readonly dropped: number;
  /** Lines that came while it was paused. */
  readonly unseen: number;
  readonly status: 'loading' | 'following' | 'ended';
  readonly error: AppError | null;
}

/** The log of one sandbox, drawn at most once a frame however fast it comes. */
export function useLog(sandbox: Sandbox, paused: boolean): Log {
  const { connection } = usePage();
  const [log, setLog] = useState<Log>({ lines: [], dropped: 0, unseen: 0, status: 'loading', error: null });
  const pausedNow = useRef(paused);
  const publishNow = useRef<() => void>(() => undefined);
  pausedNow.current = paused;

  // A restart is a new program with a log that goes on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: startedAt asks for the log anew.
  useEffect(() => {
    const ending = new AbortController();
    const buffer = createLogBuffer();
    let status: Log['status'] = 'loading';
    let error: AppError | null = null;
    let frame = 0;
    const publish = () => {
      frame = 0;
      setLog((before) => {
        const lines = buffer.lines();
        const last = before.lines.at(-1)?.number ?? -1;
        if (pausedNow.current) return { ...before, status, error, unseen: (lines.at(-1)?.number ?? -1) - last };
        return { lines, dropped: buffer.dropped(), unseen: 0, status, error };
      });
    };
    const request = () => {
      frame ||= requestAnimationFrame(publish);
    };
    publishNow.current = request;
    connection
      .subscribe({
        open: (client, signal) => client.logs.follow({ id: sandbox.id, tail: TAIL_LINES }, { signal }),
        onOpen: buffer.clear,
        onItem: (lines) => {
          buffer.add(lines);
          status = 'following';
          request();
        },
        signal: ending.signal,
        endless: false,
      })
      .then(() => {
        status = 'ended';
        request();
      })
      .catch((failure) => {
        error = toAppError(failure);
        request();
      });
    return () => {
      ending.abort();
      cancelAnimationFrame(frame);
    };
  }, [connection, sandbox.id, sandbox.startedAt]);

  useEffect(() => {
    if (!paused) publishNow.current();
  }, [paused]);

  return log;
}
