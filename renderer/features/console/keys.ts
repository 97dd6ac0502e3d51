export interface ShortcutHandlers {
  readonly copy: () => void;
  readonly find: () => void;
  readonly fontSize: (change: 'larger' | 'smaller' | 'normal') => void;
}

/**
 * Shortcuts of the page that go on past the terminal, as in VS Code: there must be a way out of it by
 * keyboard. Ctrl+K is not among them, which shells use to cut the rest of a line.
 */
function belongsToPage({ key, code, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): boolean {
  if (key === 'F6') return !ctrlKey && !metaKey && !altKey;
  if (key === 'F1') return !ctrlKey && !metaKey && !altKey && !shiftKey;
  if (altKey) return !ctrlKey && !metaKey && !shiftKey && /^Digit[1-9]$/.test(code);
  if (key.toLowerCase() === 'p') return shiftKey && (ctrlKey || metaKey);
  return key.toLowerCase() === 'k' && metaKey && !ctrlKey && !shiftKey;
}

/**
 * Decides about a key before the terminal sees it: false keeps it from the program. Ctrl+C stays
 * the program's; copy and paste have Shift with it, as in other terminals.
 */
export function terminalKeys(event: KeyboardEvent, handlers: ShortcutHandlers): boolean {
  if (event.type !== 'keydown') return true;
  if (belongsToPage(event)) return false;
  const key = event.key.toLowerCase();
  const take = (action: () => void) => {
    event.preventDefault();
    action();
    return false;
  };
  if (event.ctrlKey && event.shiftKey && !event.altKey) {
    if (key === 'c') return take(handlers.copy);
    if (key === 'f') return take(handlers.find);
    // The browser's own paste needs no permission, and the terminal hears its event.
    if (key === 'v') return false;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (key === '=' || key === '+') return take(() => handlers.fontSize('larger'));
    if (key === '-' && !event.shiftKey) return take(() => handlers.fontSize('smaller'));
    if (key === '0') return take(() => handlers.fontSize('normal'));
  }
  return true;
}
