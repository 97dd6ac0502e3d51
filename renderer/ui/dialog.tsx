import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { classes } from './classes.ts';
import { Checkbox } from './field.tsx';

const backdropClass = 'fixed inset-0 z-40 bg-[var(--backdrop)]';
const popupClass =
  'fixed left-1/2 z-50 -translate-x-1/2 rounded-xl border border-line-strong bg-surface shadow-pop outline-none';

interface DialogProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A modal dialog with a title. It is open as long as it is rendered. */
export function Dialog({ title, closeLabel, onClose, children, className }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  // Not the button that closes it, which comes first.
  const firstField = () =>
    popup.current?.querySelector<HTMLElement>(
      'input:checked, input:not(:disabled, [type="radio"]), select, textarea',
    ) ?? true;
  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Popup
          ref={popup}
          initialFocus={firstField}
          className={classes(
            popupClass,
            'top-[6vh] flex max-h-[88vh] w-[min(44rem,calc(100vw-1.5rem))] flex-col',
            className,
          )}
        >
          <header className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
            <BaseDialog.Title className="text-lg font-semibold">{title}</BaseDialog.Title>
            <IconButton label={closeLabel} onClick={onClose}>
              <X size={16} aria-hidden="true" />
            </IconButton>
          </header>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  /** Something that may be chosen along with yes, and the text that is true then. */
  readonly option: { readonly label: string; readonly text: string } | undefined;
  readonly confirm: string;
  readonly cancel: string;
  readonly danger: boolean;
  readonly onAnswer: (answer: { readonly yes: boolean; readonly option: boolean }) => void;
}

/** A question that waits for yes or no; Escape is no. */
export function Confirm({ title, text, option, confirm, cancel, danger, onAnswer }: ConfirmProps) {
  const [chosen, setChosen] = useState(false);
  const no = () => onAnswer({ yes: false, option: false });
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && no()}>
      <AlertDialog.Portal>
        {/* Over a dialog as well, from which it may ask. */}
        <AlertDialog.Backdrop forceRender className={classes(backdropClass, '!z-50')} />
        <AlertDialog.Popup className={classes(popupClass, 'top-[22vh] w-[min(28rem,calc(100vw-1.5rem))] p-5')}>
          <AlertDialog.Title className="text-lg font-semibold [overflow-wrap:anywhere]">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-dim [overflow-wrap:anywhere]">
            {option && chosen ? option.text : text}
          </AlertDialog.Description>
          {option && (
            <div className="mt-3">
              <Checkbox label={option.label} checked={chosen} onChange={setChosen} />
            </div>
          )}
          <div className="mt-5 flex justify-end gap-2">
            <Button onClick={no}>{cancel}</Button>
            <Button look={danger ? 'danger' : 'primary'} onClick={() => onAnswer({ yes: true, option: chosen })}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
