import { useStore } from 'zustand';
import { usePage, useStrings } from '../stores/page.ts';
import { Button } from '../ui/button.tsx';
import { Spinner } from '../ui/empty-state.tsx';

/** Says that the page is alone for a moment. What it shows stays, and may be old. */
export function ConnectionBanner() {
  const { connection } = usePage();
  const strings = useStrings();
  const status = useStore(connection.state, (state) => state.status);
  return (
    <div role="status">
      {status === 'reconnecting' && (
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 border-b border-line bg-warn-soft px-3 py-1.5">
          <Spinner size={14} />
          <span className="font-semibold text-warn">{strings.connection.reconnecting}</span>
          <span className="text-dim">{strings.connection.reconnectingHint}</span>
          <Button className="ml-auto !h-6" onClick={connection.retryNow}>
            {strings.connection.retryNow}
          </Button>
        </div>
      )}
    </div>
  );
}
