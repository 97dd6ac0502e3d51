import { ContextMenu } from '@base-ui/react/context-menu';
import type { ReactNode } from 'react';
import { usePage, useStrings } from '../../stores/page.ts';
import { menuItemClass, menuPopupClass } from '../../ui/menu-classes.ts';
import type { TerminalView } from './terminal.ts';

interface TerminalMenuProps {
  readonly view: TerminalView | null;
  readonly onFind: () => void;
  readonly onFontSize: (change: 'larger' | 'smaller' | 'normal') => void;
  readonly children: ReactNode;
}

/** What the right mouse button offers in a terminal. */
export function TerminalMenu({ view, onFind, onFontSize, children }: TerminalMenuProps) {
  const { toasts } = usePage();
  const strings = useStrings();
  const text = strings.console;

  async function paste(): Promise<void> {
    try {
      view?.terminal.paste(await navigator.clipboard.readText());
    } catch {
      toasts.info(text.pasteDenied, text.pasteDeniedHint);
    }
  }

  const items: readonly (readonly [label: string, keys: string, action: () => void])[] = [
    [
      text.copy,
      'Ctrl+Shift+C',
      () => {
        navigator.clipboard.writeText(view?.terminal.getSelection() ?? '').catch(toasts.error);
      },
    ],
    [text.paste, 'Ctrl+Shift+V', () => void paste()],
    [text.selectAll, '', () => view?.terminal.selectAll()],
    [text.clear, '', () => view?.terminal.clear()],
    [text.find, 'Ctrl+Shift+F', onFind],
    [text.larger, 'Ctrl+=', () => onFontSize('larger')],
    [text.smaller, 'Ctrl+-', () => onFontSize('smaller')],
    [text.normalSize, 'Ctrl+0', () => onFontSize('normal')],
  ];
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="flex min-h-0 flex-1 flex-col">{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className="z-50">
          <ContextMenu.Popup
            aria-label={text.menu}
            finalFocus={() => {
              view?.terminal.focus();
              return false;
            }}
            className={menuPopupClass}
          >
            {items.map(([label, keys, action]) => (
              <ContextMenu.Item key={label} className={menuItemClass} onClick={action}>
                <span className="flex-1">{label}</span>
                <kbd className="ml-6 font-sans text-xs text-faint">{keys}</kbd>
              </ContextMenu.Item>
            ))}
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
