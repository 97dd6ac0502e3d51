import { Popover as BasePopover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';

interface PopoverProps {
  readonly title: string;
  readonly trigger: ReactElement;
  readonly children: ReactNode;
}

/** A popover that is open as soon as it is there: it is loaded when its button is pressed first. */
export function Popover({ title, trigger, children }: PopoverProps) {
  return (
    <BasePopover.Root defaultOpen>
      <BasePopover.Trigger render={trigger} />
      <BasePopover.Portal>
        <BasePopover.Positioner sideOffset={6} align="start" className="z-50">
          <BasePopover.Popup className="max-h-[var(--available-height)] w-[36rem] max-w-[calc(100vw-1rem)] overflow-y-auto rounded-lg border border-line-strong bg-surface p-3 shadow-pop outline-none">
            <BasePopover.Title className="font-semibold">{title}</BasePopover.Title>
            {children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
