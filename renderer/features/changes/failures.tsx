import { CircleAlert, X } from 'lucide-react';
import type { Applied } from '../../../shared/contract/changes.ts';
import { showPath } from '../../lib/show-path.ts';
import { useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';

/** What of the last apply is still among the changes, and why. */
export function Failures({ outcome, onDismiss }: { readonly outcome: Applied; readonly onDismiss: () => void }) {
  const strings = useStrings();
  const text = strings.changes;
  const { applied, failed, failures } = outcome;
  return (
    <div role="alert" className="flex gap-2 border-b border-line bg-danger-soft px-3 py-2">
      <CircleAlert size={15} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{text.failed(failed, applied)}</p>
        <ul className="mt-1 max-h-32 overflow-auto text-sm">
          {failures.map(({ path, message }) => (
            <li key={path} className="[overflow-wrap:anywhere]">
              <span className="font-mono">{showPath(path)}</span>: {message}
            </li>
          ))}
          {failed > failures.length && <li className="text-dim">{text.moreFailures(failed - failures.length)}</li>}
        </ul>
      </div>
      <IconButton label={strings.app.close} onClick={onDismiss}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
