import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { LoadFailure } from '../lib/lazy-part.tsx';
import { usePage, useStrings } from '../stores/page.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

interface PartProblemProps {
  readonly error: Error;
  /** Shows the part again. */
  readonly onRetry: () => void;
}

/**
 * What stands in the place of a part that failed. Code that did not come is asked for again when the
 * host is back. A browser may remember that it did not come: then only loading the page anew helps.
 */
export function PartProblem({ error, onRetry }: PartProblemProps) {
  const { connection } = usePage();
  const text = useStrings().app;
  const connected = useStore(connection.state, ({ status }) => status === 'connected');
  const failedToLoad = error instanceof LoadFailure;
  const wasAway = useRef(!connected);
  const retry = useRef(onRetry);
  retry.current = onRetry;

  useEffect(() => {
    if (!failedToLoad) return;
    if (connected && wasAway.current) retry.current();
    wasAway.current = !connected;
  }, [connected, failedToLoad]);

  return (
    <EmptyState
      icon={<TriangleAlert size={32} />}
      title={text.failedToLoad}
      hint={failedToLoad ? (connected ? text.loadAgain : text.hostAway) : error.message}
      tone="problem"
    >
      {!failedToLoad && <Button onClick={onRetry}>{text.retry}</Button>}
      <Button disabled={failedToLoad && !connected} onClick={() => location.reload()}>
        {text.reload}
      </Button>
    </EmptyState>
  );
}
