import { CircleAlert, Info, X } from 'lucide-react';
import { useStore } from 'zustand';
import { CopyButton } from '../entities/copy-button.tsx';
import { usePage, useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';

export function Toaster() {
  const { toasts } = usePage();
  const strings = useStrings();
  const items = useStore(toasts.store, (state) => state.items);
  return (
    <div className="pointer-events-none fixed right-4 bottom-10 z-30 flex w-[min(26rem,calc(100vw-2rem))] flex-col gap-2">
      {items.map(({ id, kind, title, hint, copy }) => (
        <div
          key={id}
          role={kind === 'error' ? 'alert' : 'status'}
          className={classes(
            'pointer-events-auto flex gap-2.5 rounded-lg border bg-surface p-3 pr-2 shadow-pop',
            kind === 'error' ? 'border-danger/60' : 'border-line-strong',
          )}
        >
          {kind === 'error' ? (
            <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
          ) : (
            <Info size={16} className="mt-0.5 shrink-0 text-accent" aria-hidden="true" />
          )}
          <div className="max-h-40 min-w-0 flex-1 overflow-y-auto [overflow-wrap:anywhere]">
            <p className="font-medium">{title}</p>
            {hint !== undefined && <p className="whitespace-pre-line text-dim">{hint}</p>}
          </div>
          {copy !== undefined && <CopyButton label={strings.app.copy} text={() => copy} small />}
          <IconButton label={strings.app.close} className="!h-6 !w-6" onClick={() => toasts.dismiss(id)}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
