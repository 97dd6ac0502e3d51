import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { isAppError } from '../../../shared/model/app-error.ts';
import type { EventType } from '../../../shared/model/event.ts';
import type { Exit, Sandbox } from '../../../shared/model/sandbox.ts';
import { formatCount } from '../../../shared/units.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import type { Strings } from '../../strings/en.ts';

/** Events that say how a run ended. */
const ends: ReadonlySet<EventType> = new Set(['stopped', 'exited', 'limit_exceeded', 'lost']);
/** What may have happened to a sandbox since its program ended, e.g. a rename. */
const LOOKED_THROUGH = 20;

export interface ExitText {
  readonly text: string;
  /** Whether somebody should look at it. */
  readonly failed: boolean;
}

/** How a program ends that asks for more memory than its address space may have, and does not look for that. */
const memorySignals: ReadonlySet<string | null> = new Set(['SIGSEGV', 'SIGABRT']);

/**
 * How a run ended in words. A signal or a code is no failure where the end was asked for.
 * `hasMemoryLimit`: what such a limit may have done is told as a guess.
 */
export function describeExit(exit: Exit, onRequest: boolean, { overview }: Strings, hasMemoryLimit = false): ExitText {
  const names: Readonly<Record<string, string>> = overview.limitNames;
  const { code, signal, limit } = exit;
  const seen = code !== null ? overview.exitCode(code) : signal !== null ? overview.exitSignal(signal) : null;
  const parts = (...texts: readonly (string | null)[]) => texts.filter((text) => text !== null).join(', ');
  if (limit !== undefined) return { text: parts(seen, overview.exitLimit(names[limit] ?? limit)), failed: true };
  if (onRequest) return { text: parts(overview.exitOnRequest, seen), failed: false };
  if (hasMemoryLimit && memorySignals.has(signal)) return { text: parts(seen, overview.exitMemoryGuess), failed: true };
  return { text: seen ?? overview.exitUnknown, failed: seen !== null && code !== 0 };
}

/** Whether the last run was stopped by a user; null until the host has told. */
function useStoppedOnRequest({ id, stoppedAt }: Sandbox): boolean | null {
  const { connection, toasts } = usePage();
  const [onRequest, setOnRequest] = useState<boolean | null>(null);
  const generation = useStore(connection.state, (state) => state.generation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each end of a run is another one, and a new connection asks again.
  useEffect(() => {
    const ending = new AbortController();
    connection.client.events
      .list({ sandboxId: id, limit: LOOKED_THROUGH }, { signal: ending.signal })
      .then((events) => setOnRequest(events.find(({ type }) => ends.has(type))?.type === 'stopped'))
      .catch((error) => {
        if (!ending.signal.aborted && !isAppError(error, 'disconnected')) toasts.error(error);
      });
    return () => ending.abort();
  }, [connection, toasts, id, stoppedAt, generation]);
  return onRequest;
}

export function ExitDescription({ sandbox, exit }: { readonly sandbox: Sandbox; readonly exit: Exit }) {
  const strings = useStrings();
  const onRequest = useStoppedOnRequest(sandbox);
  if (onRequest === null) return null;
  const { text, failed } = describeExit(exit, onRequest, strings, sandbox.spec?.limits.memoryBytes !== undefined);
  return (
    <>
      <span className={failed ? 'text-danger' : ''}>{text}</span>
      {exit.fuelConsumed !== undefined && (
        <span className="text-faint"> · {strings.overview.instructions(formatCount(exit.fuelConsumed))}</span>
      )}
    </>
  );
}
