import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from './button.tsx';

interface PlainDialogProps {
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The browser's own dialog, for when the code of the page's may be what is missing. */
export function PlainDialog({ closeLabel, onClose, children }: PlainDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      className="m-auto w-[min(28rem,calc(100vw-1.5rem))] rounded-xl border border-line-strong bg-surface text-text shadow-pop backdrop:bg-[var(--backdrop)]"
    >
      {children}
      <div className="flex justify-end border-t border-line px-4 py-3">
        <Button onClick={onClose}>{closeLabel}</Button>
      </div>
    </dialog>
  );
}
