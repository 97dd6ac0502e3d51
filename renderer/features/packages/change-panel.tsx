import { Check, CircleSlash, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import type { Change } from './use-packages.ts';

interface ChangePanelProps {
  readonly change: Change;
  readonly onCancel: () => void;
  readonly onDismiss: () => void;
}

/** What is being done to the packages, in the provider's own lines, and how it ended. */
export function ChangePanel({ change, onCancel, onDismiss }: ChangePanelProps) {
  const text = useStrings().packages;
  const output = useRef<HTMLPreElement>(null);
  const { title, lines, status, error } = change;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line moves the view.
  useEffect(() => {
    output.current?.scrollTo({ top: output.current.scrollHeight });
  }, [lines]);

  return (
    <section aria-label={title} className="shrink-0 border-t border-line bg-surface px-3 py-2">
      <div className="flex items-center gap-2">
        {status === 'running' && <Spinner size={14} />}
        {status === 'done' && <Check size={14} className="text-ok" aria-hidden="true" />}
        {status === 'cancelled' && <CircleSlash size={14} className="text-faint" aria-hidden="true" />}
        <span role="status" className="min-w-0 flex-1 truncate font-medium">
          {text.status[status](title)}
        </span>
        {status === 'running' ? (
          <Button onClick={onCancel}>{text.cancel}</Button>
        ) : (
          <IconButton label={text.dismiss} onClick={onDismiss}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {error && <ErrorNote message={error.message} hint={error.hint} />}
      {lines.length > 0 && (
        <pre
          ref={output}
          role="log"
          // A long output must not be read out line by line.
          aria-live="off"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          tabIndex={0}
          aria-label={text.output}
          className="mt-2 max-h-40 overflow-auto rounded-md bg-bg p-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
        >
          {lines.join('\n')}
        </pre>
      )}
    </section>
  );
}
